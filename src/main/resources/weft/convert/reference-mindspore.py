
    python SCRIPT.py PACKAGE.MODULE:FUNCTION IDS OUT.npz

FUNCTION has no arguments and returns the model with its weights. IDS are token ids with commas between.
"""
import importlib
import sys

import mindspore as ms
import numpy

ms.set_context(mode=ms.PYNATIVE_MODE)  # hooks run in this mode only


def load(what):
    module, function = what.split(":")
    sys.path.insert(0, ".")
    return getattr(importlib.import_module(module), function)()


def rows(value):
    """The first tensor of whatever a cell takes or gives, without the batch axis."""
    while isinstance(value, (tuple, list)):
        value = value[0]
    value = value.asnumpy().astype(numpy.float32)
    return value[0] if value.ndim == 3 else value


def main():
    model = load(sys.argv[1]).set_train(False)
    ids = numpy.array([[int(i) for i in sys.argv[2].split(",")]], dtype=numpy.int64)
    found = {"ids": ids[0]}
    cells = {name: cell for name, cell in model.cells_and_names()}

    def watch(parts):
        def hook(cell, inputs, output):
            whole = rows(output)
            for name, start, stop in parts:
                found[name] = whole if start is None else whole[:, start:stop]
                found[name + ".input"] = rows(inputs)
                if name.endswith((".attn.out", ".mlp.down")):  # the whole part gives what its last projection gives
                    found[name.rsplit(".", 1)[0]] = whole
        return hook

    def block(layer):
        def hook(cell, inputs, output):
            if layer == 0:
                found["embed"] = rows(inputs)
            found[f"block.{layer}"] = rows(output)
        return hook

    for path, parts in MODULES.items():
        if path in cells:
            cells[path].register_forward_hook(watch(parts))
        else:
            print(f"there is no cell {path}: not recorded", file=sys.stderr)
    for layer in range(LAYERS):
        cells[BLOCK.format(layer)].register_forward_hook(block(layer))
    output = model(ms.Tensor(ids, ms.int64))
    found["logits"] = rows(output.logits if hasattr(output, "logits") else output)
    numpy.savez(sys.argv[3], **found)


