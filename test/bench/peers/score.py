"""The twin of work/score.ts in PyTorch, eager: score and latent of one batch, from memory to memory."""

import torch
from networks import build
from timing import job, measure

task = job()
device = task.get("device", "cpu")
network, items = build(task["architecture"], task["batch"], task["threads"], device)
network.eval()
axes = tuple(range(1, items.dim()))


def score():
    with torch.inference_mode():
        batch = items.to(device)
        latent = network.encoder(batch)
        reconstruction = network.decoder(latent)
        return ((reconstruction - batch) ** 2).mean(axes).cpu(), latent.cpu()


measure(score, task["seconds"])
