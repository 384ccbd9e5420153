
    python SCRIPT.py PACKAGE.MODULE:FUNCTION CHECKPOINT IDS OUT.npz

FUNCTION takes a placeholder of ids [1, n] and returns the logits, building its graph as TensorFlow 1 does: OpenAI's own code is
lambda x: model.model(hparams=..., X=x)["logits"]. A module's output is the last tensor its variable scope makes.
"""
import importlib
import sys

import numpy
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()


def load(what):
    module, function = what.split(":")
    sys.path.insert(0, ".")
    return getattr(importlib.import_module(module), function)


def main():
    ids = numpy.array([[int(i) for i in sys.argv[3].split(",")]], dtype=numpy.int32)
    with tf.Session(graph=tf.Graph()) as session:
        x = tf.placeholder(tf.int32, [1, ids.shape[1]])
        logits = load(sys.argv[1])(x)
        tf.train.Saver().restore(session, sys.argv[2])
        last = {}
        for op in session.graph.get_operations():
            for tensor in op.outputs:
                shape = tensor.shape.as_list() if tensor.shape.rank is not None else []
                if tensor.dtype == tf.float32 and len(shape) == 3 and "/Initializer/" not in op.name:
                    scope = op.name
                    while "/" in scope:
                        scope = scope.rsplit("/", 1)[0]
                        last[scope] = tensor
        wanted = {path: last[path] for path in MODULES if path in last}
        for path in MODULES:
            if path not in last:
                print(f"nothing is made in the scope {path}: not recorded", file=sys.stderr)
        for layer in range(LAYERS):
            if BLOCK.format(layer) in last:
                wanted[BLOCK.format(layer)] = last[BLOCK.format(layer)]
        values = session.run({"logits": logits, **wanted}, {x: ids})
    found = {"ids": ids[0].astype(numpy.int64)}
    for path, value in values.items():
        value = value[0] if value.ndim == 3 else value
        if path == "logits":
            found[path] = value
        for name, start, stop in MODULES.get(path, []):
            found[name] = value if start is None else value[:, start:stop]
            if name.endswith((".attn.out", ".mlp.down")):  # the whole part gives what its last projection gives
                found[name.rsplit(".", 1)[0]] = value
    for layer in range(LAYERS):
        if f"block.{layer}.mlp" in found and BLOCK.format(layer) in values:
            whole = values[BLOCK.format(layer)]
            found[f"block.{layer}"] = whole[0] if whole.ndim == 3 else whole
    numpy.savez(sys.argv[4], **found)


