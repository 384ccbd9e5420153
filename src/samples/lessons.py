"""The files that lessons break on purpose, for the lessons that need one of their own (the others use the built-in sample).

    python lessons.py SHIPPED_FOLDER

Writes, each a few kB:

    lessons/1-rows-or-columns/model       a GPT-2 of width 8 whose numbers say where they stand: 3.17 is row 3, column 17
    lessons/7-another-framework/model     the same as MindSpore (mindnlp's names) keeps it: gamma, beta, embedding_table
    lessons/8-read-an-error-log/error.log what PyTorch says of the built-in sample's Conv1D weights in a model made of nn.Linear
"""
import json
import sys
from pathlib import Path

import numpy
import torch
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from safetensors.torch import load_file, save_file
from torch import nn

VOCABULARY, CONTEXT, WIDTH, HEADS = 50, 16, 8, 2
CONFIG = {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": VOCABULARY, "n_positions": CONTEXT,
          "n_embd": WIDTH, "n_head": HEADS, "n_layer": 1, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-05,
          "tie_word_embeddings": True}


def place(*shape):
    """Each number is its own address: row + column / 100; of a vector, its index / 100."""
    if len(shape) == 1:
        return torch.arange(shape[0], dtype=torch.float32) / 100
    return torch.arange(shape[0], dtype=torch.float32)[:, None] + torch.arange(shape[1], dtype=torch.float32) / 100


def counting():
    """A GPT-2 of one block in Hugging Face's names and layout (Conv1D: rows are inputs)."""
    block = "transformer.h.0."
    state = {"transformer.wte.weight": place(VOCABULARY, WIDTH), "transformer.wpe.weight": place(CONTEXT, WIDTH)}
    for name, rows, columns in (("attn.c_attn", WIDTH, 3 * WIDTH), ("attn.c_proj", WIDTH, WIDTH),
                                ("mlp.c_fc", WIDTH, 4 * WIDTH), ("mlp.c_proj", 4 * WIDTH, WIDTH)):
        state[f"{block}{name}.weight"] = place(rows, columns)
        state[f"{block}{name}.bias"] = place(columns)
    for name in (block + "ln_1", block + "ln_2", "transformer.ln_f"):
        state[name + ".weight"] = torch.ones(WIDTH)
        state[name + ".bias"] = torch.zeros(WIDTH)
    return state


def mindspore_name(name):
    """What mindnlp calls it: LayerNorm has gamma and beta, an embedding has an embedding_table."""
    if ".ln_" in name:
        return name.replace(".weight", ".gamma").replace(".bias", ".beta")
    return name.replace("wte.weight", "wte.embedding_table").replace("wpe.weight", "wpe.embedding_table")


def checkpoint_message():
    """The messages of MindSpore's checkpoint.proto that hold tensors."""
    file = descriptor_pb2.FileDescriptorProto(name="checkpoint.proto", package="lesson", syntax="proto2")
    field = descriptor_pb2.FieldDescriptorProto

    def message(name, *fields):
        made = file.message_type.add(name=name)
        for number, (label, kind, what, of) in enumerate(fields, 1):
            made.field.add(name=what, number=number, label=label, type=kind, type_name=of)

    message("Tensor", (field.LABEL_REPEATED, field.TYPE_INT64, "dims", None),
            (field.LABEL_REQUIRED, field.TYPE_STRING, "tensor_type", None),
            (field.LABEL_REQUIRED, field.TYPE_BYTES, "tensor_content", None))
    message("Value", (field.LABEL_REQUIRED, field.TYPE_STRING, "tag", None),
            (field.LABEL_OPTIONAL, field.TYPE_MESSAGE, "tensor", ".lesson.Tensor"))
    message("Checkpoint", (field.LABEL_REPEATED, field.TYPE_MESSAGE, "value", ".lesson.Value"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("lesson.Checkpoint"))


def mindspore(state, file):
    checkpoint = checkpoint_message()()
    for name, tensor in state.items():
        value = checkpoint.value.add(tag=mindspore_name(name))
        value.tensor.dims.extend(tensor.shape)
        value.tensor.tensor_type = "Float32"
        value.tensor.tensor_content = numpy.ascontiguousarray(tensor.numpy()).tobytes()
    file.write_bytes(checkpoint.SerializeToString(deterministic=True))


class GPT(nn.Module):
    """Names of Hugging Face's GPT-2, matrices of nn.Linear: what somebody writes who knows the names and not the layout."""

    def __init__(self, c):
        super().__init__()
        d = c["n_embd"]

        def block():
            attn, mlp = nn.Module(), nn.Module()
            attn.c_attn, attn.c_proj = nn.Linear(d, 3 * d), nn.Linear(d, d)
            mlp.c_fc, mlp.c_proj = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)
            made = nn.Module()
            made.ln_1, made.attn, made.ln_2, made.mlp = nn.LayerNorm(d), attn, nn.LayerNorm(d), mlp
            return made

        self.transformer = nn.Module()
        self.transformer.wte, self.transformer.wpe = nn.Embedding(c["vocab_size"], d), nn.Embedding(c["n_positions"], d)
        self.transformer.h = nn.ModuleList(block() for _ in range(c["n_layer"]))
        self.transformer.ln_f = nn.LayerNorm(d)


def complaint(folder):
    model = GPT(json.loads((folder / "config.json").read_text()))
    try:
        model.load_state_dict(load_file(folder / "model.safetensors"))
    except RuntimeError as e:
        return f"RuntimeError: {e}\n"
    raise AssertionError("it loaded")


def model_folder(lesson):
    folder = lesson / "model"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    return folder


def main(shipped):
    lessons = shipped / "lessons"
    save_file(counting(), model_folder(lessons / "1-rows-or-columns") / "model.safetensors", {"format": "pt"})
    mindspore(counting(), model_folder(lessons / "7-another-framework") / "gpt2.ckpt")
    log = lessons / "8-read-an-error-log"
    log.mkdir(parents=True, exist_ok=True)
    (log / "error.log").write_text(complaint(shipped / "hf"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
