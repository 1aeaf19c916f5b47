"""The architectures of architectures.ts in PyTorch, layer for layer; channels come first here."""

import torch
from torch import nn


def dense_ae(size=640, hidden=(128, 128, 128, 128), latent=8):
    def block(inputs, units):
        return [nn.Linear(inputs, units, bias=False), nn.BatchNorm1d(units), nn.ReLU()]

    widths = [size, *hidden, latent]
    encoder = [layer for pair in zip(widths, widths[1:]) for layer in block(*pair)]
    widths = [latent, *reversed(hidden)]
    decoder = [layer for pair in zip(widths, widths[1:]) for layer in block(*pair)]
    return nn.Sequential(*encoder), nn.Sequential(*decoder, nn.Linear(hidden[0], size))


def conv1d_ae(encoder=(16, 8), latent=5, decoder=(8, 16)):
    def layers(kind, channels):
        return [kind(a, b, 4, stride=2, padding=1) for a, b in zip(channels, channels[1:])]

    down = layers(nn.Conv1d, [1, *encoder, latent])
    up = layers(nn.ConvTranspose1d, [latent, *decoder, 1])
    return (
        nn.Sequential(*[part for layer in down for part in (layer, nn.ReLU())]),
        nn.Sequential(*[part for layer in up for part in (layer, nn.ReLU())][:-1]),
    )


def conv2d_ae(filters=(16, 32, 64), latent=32, side=100):
    sides = [side]
    for _ in filters:
        sides.append((sides[-1] - 2) // 2 + 1)
    flat = filters[-1] * sides[-1] ** 2
    channels = [1, *filters]
    down = [nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in zip(channels, channels[1:])]
    up = []
    for k in reversed(range(len(filters))):
        up.append(nn.ReLU())
        extra = sides[k] - 2 * sides[k + 1]
        up.append(nn.ConvTranspose2d(channels[k + 1], channels[k], 4, stride=2, padding=1, output_padding=extra))
    encoder = [part for layer in down for part in (layer, nn.ReLU())]
    return (
        nn.Sequential(*encoder, nn.Flatten(), nn.Linear(flat, latent)),
        nn.Sequential(nn.Linear(latent, flat), up[0], nn.Unflatten(1, (filters[-1], sides[-1], sides[-1])), *up[1:], nn.Sigmoid()),
    )


class Autoencoder(nn.Module):
    def __init__(self, halves):
        super().__init__()
        self.encoder, self.decoder = halves

    def forward(self, x):
        return self.decoder(self.encoder(x))


NETWORKS = {
    "dense-ae": (dense_ae, (640,)),
    "conv1d-ae": (conv1d_ae, (1, 4800)),
    "conv2d-ae": (conv2d_ae, (1, 100, 100)),
}


def build(name, batch, threads, device):
    """A network on a device, and a batch of items for it in memory."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    # Float32 throughout, as ours; PyTorch's convolutions would otherwise keep ten bits on a GPU.
    torch.backends.cudnn.allow_tf32 = False
    make, shape = NETWORKS[name]
    return Autoencoder(make()).to(device), torch.rand(batch, *shape)
