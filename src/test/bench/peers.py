#!/usr/bin/env python3
"""What the benchmark is measured against, where it is installed: numpy and PyTorch. Prints one number a measure.

usage: peers.py version | list BIN | statistics SAFETENSORS
       peers.py gpt2 FOLDER THREADS        decode and prefill, tokens a second
"""
import json
import math
import os
import statistics
import sys
import time

what = sys.argv[1]
if what == "gpt2":
    os.environ["OMP_NUM_THREADS"] = sys.argv[3]


def tensors(path):
    import numpy as np
    with open(path, "rb") as f:
        size = int.from_bytes(f.read(8), "little")
        header = json.loads(f.read(size))
    data = np.memmap(path, dtype=np.float32, mode="r", offset=8 + size)
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            found[name] = data[begin // 4:end // 4].reshape(entry["shape"])
    return found


def median(times, run):
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


if what == "version":
    import numpy
    import torch
    print(f"PyTorch {torch.__version__}, numpy {numpy.__version__}")
elif what == "list":
    import torch
    for name, value in torch.load(sys.argv[2]).items():
        print(name, tuple(value.shape))
elif what == "statistics":
    print(median(7, lambda: [(t.sum(), t.min(), t.max()) for t in tensors(sys.argv[2]).values()]))
elif what == "gpt2":
    import torch
    import torch.nn.functional as F
    torch.set_num_threads(int(sys.argv[3]))
    torch.manual_seed(0)
    folder = sys.argv[2]
    config = json.load(open(folder + "/config.json"))
    layers, heads, width = config["n_layer"], config["n_head"], config["n_embd"]
    w = {}
    for name, value in tensors(folder + "/model.safetensors").items():
        t = torch.from_numpy(value.copy())
        w[name] = t.t().contiguous() if name.startswith("h.") and t.dim() == 2 else t  # nn.Linear, PyTorch's fastest
    keys = torch.zeros(layers, heads, 1024, width // heads)
    values = torch.zeros_like(keys)

    def linear(x, name):
        return F.linear(x, w[name + ".weight"], w[name + ".bias"])

    def norm(x, name):
        return F.layer_norm(x, (width,), w[name + ".weight"], w[name + ".bias"], 1e-5)

    def forward(ids, past):
        n = len(ids)
        x = w["wte.weight"][ids] + w["wpe.weight"][past:past + n]
        for i in range(layers):
            block = f"h.{i}."
            qkv = linear(norm(x, block + "ln_1"), block + "attn.c_attn").view(n, 3, heads, width // heads)
            q, k, v = qkv.permute(1, 2, 0, 3)
            keys[i, :, past:past + n] = k
            values[i, :, past:past + n] = v
            a = q @ keys[i, :, :past + n].transpose(1, 2) / math.sqrt(width // heads)
            if n > 1:
                a = a.masked_fill(torch.ones(n, past + n, dtype=torch.bool).triu(past + 1), float("-inf"))
            a = (a.softmax(-1) @ values[i, :, :past + n]).transpose(0, 1).reshape(n, width)
            x = x + linear(a, block + "attn.c_proj")
            up = F.gelu(linear(norm(x, block + "ln_2"), block + "mlp.c_fc"), approximate="tanh")
            x = x + linear(up, block + "mlp.c_proj")
        return F.linear(norm(x[-1:], "ln_f"), w["wte.weight"])

    with torch.no_grad():
        ids = torch.randint(0, config["vocab_size"], (512,))
        decode, prefill = [], []
        for _ in range(4):
            logits = forward(ids[:32], 0)
            start = time.perf_counter()
            for step in range(64):
                logits = forward(logits[-1].argmax().view(1), 32 + step)
            decode.append(64 / (time.perf_counter() - start))
            start = time.perf_counter()
            forward(ids, 0)
            prefill.append(512 / (time.perf_counter() - start))
        print(statistics.median(decode[1:]), statistics.median(prefill[1:]))
else:
    sys.exit(__doc__)
