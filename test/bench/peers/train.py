"""The twin of work/train.ts: one Adam step on a full batch, in PyTorch."""

import torch
from networks import build
from timing import job, measure

task = job()
network, items = build(task["architecture"], task["batch"], task["threads"])
optimizer = torch.optim.Adam(network.parameters(), 1e-3)


def step():
    optimizer.zero_grad(set_to_none=True)
    loss = torch.nn.functional.mse_loss(network(items), items)
    loss.backward()
    optimizer.step()
    return loss.item()


measure(step, task["seconds"])
