
    python SCRIPT.py SOURCE TARGET.ckpt

SOURCE is a .ckpt or a .safetensors file. MindSpore's transpose takes all axes, as permute does in PyTorch;
two axes change places by swapaxes, which is PyTorch's transpose.
"""
import sys

import mindspore as ms
from mindspore import Parameter, Tensor, ops


def load(path):
    """The tensors of a checkpoint by name."""
    if path.endswith(".safetensors"):
        from safetensors.numpy import load_file
        return {k: Tensor(v) for k, v in load_file(path).items()}
    return {k: Tensor(v.asnumpy()) for k, v in ms.load_checkpoint(path).items()}


def same(a, b):
    """A parameter that is left out because it equals another must equal it."""
    if a.shape != b.shape or not (a.asnumpy() == b.asnumpy()).all():
        raise ValueError("the head and the embedding differ: the target can't share them")


def save(tensors, path):
    ms.save_checkpoint([{"name": k, "data": Parameter(v, name=k)} for k, v in tensors.items()], path)


