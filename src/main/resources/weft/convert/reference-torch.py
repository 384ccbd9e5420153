
    python SCRIPT.py MODEL IDS OUT.npz

MODEL is a folder that transformers' AutoModelForCausalLM loads, or PACKAGE.MODULE:FUNCTION, a function without arguments that
returns the model with its weights. IDS are token ids with commas between. OUT ends in .npz or .safetensors.
"""
import importlib
import sys

import torch


def load(what):
    if ":" in what and not what[1:3] == ":\\":
        module, function = what.split(":")
        sys.path.insert(0, ".")
        return getattr(importlib.import_module(module), function)()
    from transformers import AutoModelForCausalLM
    return AutoModelForCausalLM.from_pretrained(what, dtype=torch.float32)


def rows(value):
    """The first tensor of whatever a module takes or gives, without the batch axis."""
    while isinstance(value, (tuple, list)):
        value = value[0]
    value = value.detach().to(torch.float32)
    return (value[0] if value.dim() == 3 else value).contiguous().clone()


def main():
    model = load(sys.argv[1]).eval()
    ids = torch.tensor([[int(i) for i in sys.argv[2].split(",")]])
    found = {"ids": ids[0]}
    modules = dict(model.named_modules())

    def watch(parts):
        def hook(module, inputs, output):
            whole = rows(output)
            for name, start, stop in parts:
                found[name] = whole if start is None else whole[:, start:stop].contiguous()
                found[name + ".input"] = rows(inputs)
                if name.endswith((".attn.out", ".mlp.down")):  # the whole part gives what its last projection gives
                    found[name.rsplit(".", 1)[0]] = whole
        return hook

    def block(layer):
        def hook(module, args, kwargs, output):
            if layer == 0:
                found["embed"] = rows(args if args else kwargs["hidden_states"])
            found[f"block.{layer}"] = rows(output)
        return hook

    for path, parts in MODULES.items():
        if path in modules:
            modules[path].register_forward_hook(watch(parts))
        else:
            print(f"there is no module {path}: not recorded", file=sys.stderr)
    for layer in range(LAYERS):
        modules[BLOCK.format(layer)].register_forward_hook(block(layer), with_kwargs=True)
    with torch.no_grad():
        output = model(ids)
    found["logits"] = rows(output if isinstance(output, torch.Tensor) else output.logits)
    if sys.argv[3].endswith(".safetensors"):
        from safetensors.torch import save_file
        save_file({k: v.clone() for k, v in found.items()}, sys.argv[3])
    else:
        import numpy
        numpy.savez(sys.argv[3], **{k: v.numpy() for k, v in found.items()})


