

def fused(a, b, c):
    """a * b + c of float32 tensors, rounded once, as a fused multiply-add does it whatever the processor is."""
    product, c = a.double() * b.double(), c.double()
    total = product + c
    back = total - product
    rest = (product - (total - back)) + (c - back)  # what the sum has lost
    bits = total.view(torch.int64)
    moved = torch.where((rest > 0) != torch.signbit(total), bits + 1, bits - 1).view(torch.float64)
    return torch.where(~torch.isfinite(total) | (rest == 0) | ((bits & 1) == 1), total, moved).float()


def lora(w, a, b, scale, fan_in_fan_out=False):
    """W + scale * B A, summed up rank by rank, which no matrix product promises."""
    a, b = a.float(), b.float()
    total = torch.zeros(b.shape[0], a.shape[1])
    for k in range(a.shape[0]):
        total = fused(b[:, k:k + 1], a[k:k + 1, :], total)
    total = total.T if fan_in_fan_out else total
    return (w.float() + total * torch.tensor(scale, dtype=torch.float32)).to(w.dtype)


def added(*tensors):
    """The sum in float64, rounded once to the first one's type."""
    total = tensors[0].double()
    for tensor in tensors[1:]:
        total = total + tensor.double()
    return rounded(total, tensors[0].dtype)


def dequant_int8(w, scale, dtype):
    return rounded(w.double() * scale.double()[:, None] / 127, dtype)


def dequant_fp8(w, scale, block, dtype):
    """One scale, one a row, or one a square block."""
    scale = scale.double()
    if scale.numel() == 1:
        return rounded(w.double() * scale.reshape(()), dtype)
    rows, columns = w.shape
    if tuple(scale.shape) in ((rows,), (rows, 1)):
        scale = scale.reshape(rows, 1)
    else:
        scale = scale.repeat_interleave(block, 0)[:rows].repeat_interleave(block, 1)[:, :columns]
    return rounded(w.double() * scale, dtype)


NF4 = torch.tensor([-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
                    -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
                    0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
                    0.7229568362236023, 1.0], dtype=torch.float64)


def dequant_nf4(packed, scale, nested=None, code=None, *, shape, block, step, offset, dtype):
    """Two elements a byte, the upper half first; scales may be quantised themselves."""
    count = 1
    for size in shape:
        count *= size
    scale = scale.flatten()
    if nested is not None:
        steps = nested.flatten().double().repeat_interleave(step)[:scale.numel()]
        scale = (code.flatten().double()[scale.long()] * steps).float() + torch.tensor(offset, dtype=torch.float32)
    packed = packed.flatten()
    which = torch.stack([packed >> 4, packed & 15], dim=1).flatten()[:count].long()
    return (NF4[which] * scale.double().repeat_interleave(block)[:count]).float().reshape(shape).to(dtype)
