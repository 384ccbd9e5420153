"""Hugging Face GPT-2 folder -> OpenAI's TensorFlow checkpoint, written by TensorFlow itself (V2 bundle).

    python to_openai_tf.py HF_FOLDER OUT_FOLDER
"""
import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf
from safetensors.numpy import load_file


def openai(hf, layers):
    yield "wte", hf["transformer.wte.weight"]
    yield "wpe", hf["transformer.wpe.weight"]
    for i in range(layers):
        for module in ("attn/c_attn", "attn/c_proj", "mlp/c_fc", "mlp/c_proj"):
            source = f"transformer.h.{i}.{module.replace('/', '.')}."
            yield f"h{i}/{module}/w", hf[source + "weight"][None]  # [1, in, out]: a convolution of length 1
            yield f"h{i}/{module}/b", hf[source + "bias"]
        for n in (1, 2):
            yield f"h{i}/ln_{n}/g", hf[f"transformer.h.{i}.ln_{n}.weight"]
            yield f"h{i}/ln_{n}/b", hf[f"transformer.h.{i}.ln_{n}.bias"]
    yield "ln_f/g", hf["transformer.ln_f.weight"]
    yield "ln_f/b", hf["transformer.ln_f.bias"]


def main(source, target):
    config = json.loads((source / "config.json").read_text())
    hf = load_file(source / "model.safetensors")
    target.mkdir(parents=True, exist_ok=True)
    os.chdir(target)  # so that TensorFlow's "checkpoint" file holds a relative name
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        for name, value in openai(hf, config["n_layer"]):
            tf.compat.v1.get_variable("model/" + name, initializer=value)
        session.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver().save(session, "./model.ckpt", write_meta_graph=False)
    hparams = {"n_vocab": config["vocab_size"], "n_ctx": config["n_positions"], "n_embd": config["n_embd"],
               "n_head": config["n_head"], "n_layer": config["n_layer"]}
    Path("hparams.json").write_text(json.dumps(hparams, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
