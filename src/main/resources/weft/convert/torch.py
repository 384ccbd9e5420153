
    python SCRIPT.py SOURCE TARGET.safetensors

SOURCE is a .safetensors file or its index, a file of torch.save, an .npz, or the prefix of a TensorFlow checkpoint.
"""
import json
import struct
import sys
from pathlib import Path

import torch

TYPES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
         torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
         torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2"}


def load(path):
    """The tensors of a checkpoint by name."""
    if path.endswith(".index.json"):
        files = sorted(set(json.loads(Path(path).read_text())["weight_map"].values()))
        return {k: v for f in files for k, v in load(str(Path(path).parent / f)).items()}
    if path.endswith(".safetensors"):
        from safetensors.torch import load_file
        return load_file(path)
    if path.endswith(".npz"):
        import numpy
        with numpy.load(path, allow_pickle=False) as file:
            return {k: torch.from_numpy(file[k]) for k in file.files}
    if Path(path + ".index").exists():
        import tensorflow as tf
        reader = tf.train.load_checkpoint(path)
        return {k: torch.from_numpy(reader.get_tensor(k).copy()) for k in reader.get_variable_to_shape_map()}
    state = torch.load(path, map_location="cpu", weights_only=True)
    return state.get("state_dict", state.get("model", state))


def same(a, b):
    """A parameter that is left out because it equals another must equal it."""
    if a.shape != b.shape or not torch.equal(a, b):
        raise ValueError("the head and the embedding differ: the target can't share them")


def save(tensors, path):
    """Writes safetensors, wide element types first; anything else as torch.save does."""
    tensors = {k: v.detach().contiguous() for k, v in tensors.items()}
    if not path.endswith(".safetensors"):
        torch.save({k: v.clone() for k, v in tensors.items()}, path)
        return
    ordered = sorted(tensors.items(), key=lambda item: -item[1].element_size())
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, tensor in ordered:
        size = tensor.numel() * tensor.element_size()
        header[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, tensor in ordered:
            file.write(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())


