"""The twin of work/score.ts in PyTorch, eager: score and latent of one batch."""

import torch
from networks import build
from timing import job, measure

task = job()
network, items = build(task["architecture"], task["batch"], task["threads"])
network.eval()
axes = tuple(range(1, items.dim()))


def score():
    with torch.inference_mode():
        latent = network.encoder(items)
        reconstruction = network.decoder(latent)
        return ((reconstruction - items) ** 2).mean(axes), latent


measure(score, task["seconds"])
