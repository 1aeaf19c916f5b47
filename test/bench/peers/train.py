"""The twin of work/train.ts: one Adam step on a full batch, in PyTorch. The batch comes from memory, and the loss goes there."""

import torch
from networks import build
from timing import job, measure

task = job()
device = task.get("device", "cpu")
network, items = build(task["architecture"], task["batch"], task["threads"], device)
optimizer = torch.optim.Adam(network.parameters(), 1e-3)


def step():
    optimizer.zero_grad(set_to_none=True)
    batch = items.to(device)
    loss = torch.nn.functional.mse_loss(network(batch), batch)
    loss.backward()
    optimizer.step()
    return loss.item()


measure(step, task["seconds"])
