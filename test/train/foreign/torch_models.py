"""Autoencoders as people write them in PyTorch and Keras, exported as people export them, with these libraries' own numbers.

Reads {"folder": path, "features": {name: {"path": float32 file, "shape": [n, ...]}}} and prints
{model: {"scores": [per item], "latents": [[...]]}}. Features are ours, not yet normalised; scores are the mean squared error.
"""

import contextlib
import json
import logging
import os
import sys
import warnings

import numpy as np
import torch
from torch import nn

os.environ["KERAS_BACKEND"] = "torch"
import keras

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)


class Dense(nn.Module):
    def __init__(self, n, latent=8, dropout=0.0):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(n, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(dropout), nn.Linear(32, latent), nn.ReLU()
        )
        self.decoder = nn.Sequential(nn.Linear(latent, 32), nn.ReLU(), nn.Linear(32, n))

    def parts(self, x):
        z = self.encoder(x)
        return self.decoder(z), z

    def forward(self, x):
        return self.parts(x)[0]


class Conv(nn.Module):
    """[n, 1, a, b], a and b multiples of 4."""

    def __init__(self, a, b, latent=6):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(4, 8, 3, stride=2, padding=1), nn.ReLU()
        )
        self.narrow = nn.Linear(a * b // 2, latent)
        self.widen = nn.Linear(latent, a * b // 2)
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(8, 4, 4, stride=2, padding=1), nn.ReLU(), nn.ConvTranspose2d(4, 1, 4, stride=2, padding=1)
        )

    def parts(self, x):
        h = self.encoder(x)
        z = self.narrow(torch.flatten(h, 1))
        return self.decoder(torch.relu(self.widen(z)).reshape(h.shape)), z

    def forward(self, x):
        return self.parts(x)[0]


class Recurrent(nn.Module):
    """[frames, n, bins]: time first, as nn.LSTM has it. The latent is the last hidden state [1, n, d]."""

    def __init__(self, bins, latent=5):
        super().__init__()
        self.encoder = nn.LSTM(bins, latent)
        self.decoder = nn.LSTM(latent, 16)
        self.out = nn.Linear(16, bins)

    def parts(self, x):
        _, (h, _) = self.encoder(x)
        y, _ = self.decoder(h.expand(x.shape[0], -1, -1))
        return self.out(y), h

    def forward(self, x):
        y, h = self.parts(x)
        return y, h


class Scored(nn.Module):
    """Gives the score itself, [n, 1], besides the reconstruction."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        y, z = self.inner.parts(x)
        return y, z, ((x - y) ** 2).mean(dim=1, keepdim=True)


class Two(nn.Module):
    def forward(self, x, scale):
        return x * scale


def keras_frames(a, b):
    """[n, a, b, 1], the latent beside the model."""
    keras.utils.set_random_seed(0)
    x = keras.Input((a, b, 1))
    h = keras.layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(x)
    z = keras.layers.Dense(6)(keras.layers.Flatten()(h))
    h = keras.layers.Dense(a * b, activation="relu")(z)
    h = keras.layers.Reshape((a // 2, b // 2, 4))(h)
    y = keras.layers.Conv2DTranspose(1, 3, strides=2, padding="same")(h)
    return keras.Model(x, y), keras.Model(x, z)


def settled(model):
    """With batch statistics that are not the first ones."""
    torch.manual_seed(1)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 2)
    return model.eval()


job = json.load(sys.stdin)
answers = {}


def features(name):
    entry = job["features"][name]
    return torch.from_numpy(np.fromfile(entry["path"], np.float32).reshape(entry["shape"]))


def export(name, model, x, dynamo, dynamic=True, inputs=("x",), outputs=("y",), batch_axis=0, args=None):
    path = os.path.join(job["folder"], f"{name}.onnx")
    options = {"input_names": list(inputs), "output_names": list(outputs), "dynamo": dynamo}
    if dynamic and dynamo:
        options["dynamic_shapes"] = ({batch_axis: torch.export.Dim("batch")},)
    elif dynamic:
        options["dynamic_axes"] = {inputs[0]: {batch_axis: "batch"}}
    with contextlib.redirect_stdout(sys.stderr):
        torch.onnx.export(model, args or (x,), path, **options)


def answer(name, x, y, z):
    """Of batch-first x and y."""
    scores = ((x - y) ** 2).double().flatten(1).mean(1)
    answers[name] = {"scores": scores.tolist(), "latents": z.double().flatten(1).tolist()}


with torch.no_grad():
    torch.manual_seed(0)

    # Stacked log-mel frames, standardised with the numbers of the manifest.
    stacks = (features("stacks") + 30) * 0.05
    dense = settled(Dense(stacks.shape[1]))
    y, z = dense.parts(stacks)
    for name, dynamo in [("dense-script", False), ("dense-dynamo", True)]:
        export(name, dense, stacks[:2], dynamo)
        answer(name, stacks, y, z)
    export("dense-one", dense, stacks[:1], True, dynamic=False)
    answer("dense-one", stacks, y, z)
    export("dense-score", Scored(dense), stacks[:2], True, outputs=("features", "latent", "anomaly"))
    answer("dense-score", stacks, y, z)
    double = settled(Dense(stacks.shape[1]).double())
    export("dense-double", double, stacks[:2].double(), True)
    answer("dense-double", stacks, *double.parts(stacks.double()))
    half = settled(Dense(stacks.shape[1]).half())
    export("dense-half", half, stacks[:2].half(), True)
    answer("dense-half", stacks, *half.parts(stacks.half()))

    # Whole log-mel spectrograms, frequency up, as images: [n, 1, bins, frames].
    mel = features("mel").permute(0, 3, 2, 1).contiguous() / 40
    conv = Conv(mel.shape[2], mel.shape[3]).eval()
    y, z = conv.parts(mel)
    for name, dynamo in [("mel-script", False), ("mel-dynamo", True)]:
        export(name, conv, mel[:2], dynamo)
        answer(name, mel, y, z)

    # Detector frames [n, 1, height, width], dynamic and for one only.
    frames = features("frames").permute(0, 3, 1, 2).contiguous()
    conv = Conv(frames.shape[2], frames.shape[3]).eval()
    y, z = conv.parts(frames)
    for name, dynamo in [("frames-script", False), ("frames-dynamo", True)]:
        export(name, conv, frames[:2], dynamo)
        answer(name, frames, y, z)
    export("frames-one", conv, frames[:1], False, dynamic=False)
    answer("frames-one", frames, y, z)

    # Time first, the batch in the middle.
    series = features("mel")[..., 0].permute(1, 0, 2).contiguous() / 40
    recurrent = Recurrent(series.shape[2]).eval()
    y, h = recurrent.parts(series)
    export("recurrent", recurrent, series[:, :2], False, outputs=("y", "h"), batch_axis=1)
    answer("recurrent", series.permute(1, 0, 2), y.permute(1, 0, 2), h[0])

    # Keras, channels last.
    x = features("frames")
    model, encoder = keras_frames(x.shape[1], x.shape[2])
    answer("keras", x, model(x), encoder(x))
    with contextlib.redirect_stdout(sys.stderr):
        model.export(os.path.join(job["folder"], "keras.onnx"), format="onnx", verbose=False)

    # What is refused.
    export("four", dense, stacks[:4], True, dynamic=False)
    export("two", Two(), stacks[:2], False, inputs=("x", "scale"), dynamic=False, args=(stacks[:2], stacks[:2]))

careless = settled(Dense(job["features"]["stacks"]["shape"][1], dropout=0.3)).train()
with torch.no_grad():
    path = os.path.join(job["folder"], "dropout.onnx")
    torch.onnx.export(
        careless, (stacks[:2],), path, dynamo=False, training=torch.onnx.TrainingMode.TRAINING, do_constant_folding=False,
        input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}},
    )

json.dump(answers, sys.stdout)
