"""The twin of log-mel.ts: prints one line of JSON, seconds per call on a clip of 10 s at 16 kHz. One thread."""

import os

for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA"):
    os.environ[f"{name}_NUM_THREADS"] = "1"

import json
import sys
import time

import librosa
import numpy as np

CLIP = 160_000
WARM_UP = 50


def measure(n_fft, calls):
    clip = (0.1 * np.random.default_rng(1).standard_normal(CLIP)).astype(np.float32)
    seconds = []
    for i in range(WARM_UP + calls):
        start = time.perf_counter()
        mel = librosa.feature.melspectrogram(y=clip, sr=16_000, n_fft=n_fft, hop_length=512, n_mels=128)
        librosa.power_to_db(mel)
        if i >= WARM_UP:
            seconds.append(time.perf_counter() - start)
    seconds.sort()
    median = seconds[calls // 2]
    return {"name": f"log-mel n_fft {n_fft}", "best": seconds[0], "median": median, "samplesPerSecond": CLIP / median}


if __name__ == "__main__":
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    print(json.dumps([measure(n_fft, calls) for n_fft in (1024, 2048)]))
