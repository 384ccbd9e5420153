"""Writes every shipped format (but TensorFlow's: to_openai_tf.py) from the one trained file.

    python export.py TRAINED_FOLDER SHIPPED_FOLDER
"""
import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import GPT2LMHeadModel

import gpt2
import rescale


def model_of(config, hf):
    model = GPT2LMHeadModel(config).eval()
    model.load_state_dict(hf, strict=False)
    model.tie_weights()
    return model


def beside(trained, folder, vocabulary="vocab.json", merges="merges.txt"):
    """The tokenizer and the fixed text, as they lie beside each checkpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(trained / "vocab.json", folder / vocabulary)
    shutil.copy(trained / "merges.txt", folder / merges)
    shutil.copy(trained / "weft-text.txt", folder)


def main(trained, shipped):
    before = GPT2LMHeadModel.from_pretrained(trained).eval()
    config = before.config
    hf = rescale.rescale(gpt2.hf_names(before.state_dict()), config.n_layer)
    model = model_of(config, hf)
    rescale.assert_same(before, model, config.vocab_size, config.n_positions)

    model.save_pretrained(shipped / "hf")
    (shipped / "hf" / "generation_config.json").unlink()
    beside(trained, shipped / "hf")

    trap = shipped / "trap-hf-linear"
    beside(trained, trap)
    save_file(gpt2.shapes_only(hf), trap / "model.safetensors", {"format": "pt"})
    shutil.copy(shipped / "hf" / "config.json", trap)

    scratch = shipped / "scratch-split"
    beside(trained, scratch)
    cfg = gpt2.textbook_config(config)
    torch.save(gpt2.load_scratch(cfg, gpt2.split(hf)).state_dict(), scratch / "gpt.pth")
    (scratch / "config.json").write_text(json.dumps(cfg, indent=2) + "\n")

    beside(trained, shipped / "openai-tf", "encoder.json", "vocab.bpe")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
