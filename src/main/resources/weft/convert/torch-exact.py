

def odd(x):
    """float64 as float32, such that what is rounded from it next comes out as if from x itself."""
    near = x.float()
    rest = x - near.double()
    bits = near.view(torch.int32)
    moved = torch.where((rest > 0) != torch.signbit(near), bits + 1, bits - 1).view(torch.float32)
    return torch.where(~torch.isfinite(x) | (rest == 0) | ((bits & 1) == 1), near, moved)


def rounded(x, dtype):
    """A float64 tensor in another type, rounded once: on its way through float32 it would be rounded twice."""
    return x.to(dtype) if dtype in (torch.float64, torch.float32) else odd(x).to(dtype)
