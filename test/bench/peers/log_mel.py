"""The twin of work/log-mel.ts in librosa: a clip of 10 s at 16 kHz to 128 log-mel bins, on one thread."""

import os

for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA"):
    os.environ[f"{name}_NUM_THREADS"] = "1"

import librosa
import numpy as np
from timing import job, measure

task = job()
clip = (0.1 * np.random.default_rng(1).standard_normal(160_000)).astype(np.float32)


def log_mel():
    mel = librosa.feature.melspectrogram(y=clip, sr=16_000, n_fft=task["nFft"], hop_length=512, n_mels=128)
    return librosa.power_to_db(mel)


measure(log_mel, task["seconds"])
