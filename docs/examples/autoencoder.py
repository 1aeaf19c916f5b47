"""Trains an autoencoder with PyTorch on recordings and writes it with its manifest, for `auscult calibrate`.

    python autoencoder.py pump recordings/*.wav      writes pump.onnx and pump.yaml
"""

import sys

import librosa
import numpy as np
import torch
from torch import nn

RATE, SECONDS, BANDS, STACK = 16_000, 1, 64, 5
name, *files = sys.argv[1:]


def stacks(path):
    """Log-mel frames of each second, five at a time: [items, 5 * 64]."""
    samples, _ = librosa.load(path, sr=RATE)
    for window in samples[: len(samples) // RATE * RATE].reshape(-1, RATE * SECONDS):
        mel = librosa.feature.melspectrogram(y=window, sr=RATE, n_fft=1024, hop_length=512, n_mels=BANDS, pad_mode="constant")
        frames = librosa.power_to_db(mel).T
        view = np.lib.stride_tricks.sliding_window_view(frames, STACK, axis=0)
        yield view.transpose(0, 2, 1).reshape(len(view), -1)


x = np.concatenate([items for path in files for items in stacks(path)]).astype(np.float32)
mean, deviation = float(x.mean()), float(x.std())
x = torch.from_numpy((x - mean) / deviation)


class Autoencoder(nn.Module):
    def __init__(self, n, latent=8):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(n, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, latent))
        self.decoder = nn.Sequential(nn.Linear(latent, 64), nn.ReLU(), nn.Linear(64, n))

    def forward(self, x):
        latent = self.encoder(x)
        return self.decoder(latent), latent


torch.manual_seed(0)
model = Autoencoder(x.shape[1])
optimizer = torch.optim.Adam(model.parameters(), 1e-3)
for epoch in range(20):
    for batch in torch.randperm(len(x)).split(128):
        loss = nn.functional.mse_loss(model(x[batch])[0], x[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
print(f"{len(x)} items, loss {loss.item():.3f}")

# Without eval() the model would go by the statistics of each batch.
model.eval()
torch.onnx.export(
    model,
    (x[:2],),
    f"{name}.onnx",
    input_names=["x"],
    output_names=["reconstruction", "latent"],
    dynamic_shapes=({0: torch.export.Dim("batch")},),
    verbose=False,
)
with open(f"{name}.yaml", "w") as file:
    file.write(f"""\
front_end: {{ type: log-mel, sample_rate: {RATE}, window_seconds: {SECONDS}, n_fft: 1024, hop_length: 512, n_mels: {BANDS}, stack: {STACK} }}
normalization: {{ offset: {mean:.6g}, scale: {1 / deviation:.6g} }}
outputs: {{ reconstruction: reconstruction, latent: latent }}
loss: mse
""")
