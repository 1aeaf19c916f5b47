"""Scores a recording with a bundle that Auscult trained, with librosa and onnxruntime instead of Auscult.

    python score.py models/pump recording.wav     prints the score of each window
    python score.py models/pump                   scores the bundle's golden windows and compares

For front ends of type raw, stft, mel and log-mel, without beats, crops and noise_reduction.
"""

import json
import sys
from pathlib import Path

import librosa
import numpy as np
import onnxruntime


def features(window, options):
    """One window of samples to what the front end gives: [frames, bins, 1], [items, stack * bins], or [samples, 1]."""
    extras = [name for name in ("beats", "crop", "noise_reduction") if options.get(name) is not None]
    if extras or options["type"] not in ("raw", "stft", "mel", "log-mel"):
        sys.exit(f"this script has no front end {options['type']} {' '.join(extras)}".rstrip())
    if options["type"] == "raw":
        return window[None, :, None]
    framing = {name: options[name] for name in ("n_fft", "hop_length", "win_length", "center", "pad_mode")}
    if options["type"] == "stft":
        values = np.abs(librosa.stft(window, **framing)) ** options["power"]
    else:
        bands = {name: options[name] for name in ("n_mels", "fmin", "fmax", "htk", "norm", "power")}
        values = librosa.feature.melspectrogram(y=window, sr=options["sample_rate"], **framing, **bands)
    if options["type"] == "log-mel":
        ref = np.max if options["ref"] == "max" else options["ref"]
        values = librosa.power_to_db(values, ref=ref, amin=options["amin"], top_db=options["top_db"])
    values = values.T
    if options.get("cmn"):
        values = values - values.mean(axis=0)
    return values


def items(values, options, normalization):
    """Normalised, and stacked where the front end stacks frames: [items, ...]."""
    if options["type"] == "raw":
        return (values - normalization["offset"]) * normalization["scale"]
    values = (values - np.array(normalization["offset"])) * np.array(normalization["scale"])
    if options["stack"] is None:
        return values[None, :, :, None]
    windows = np.lib.stride_tricks.sliding_window_view(values, options["stack"], axis=0)
    return windows.transpose(0, 2, 1).reshape(len(windows), -1)


class Bundle:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.manifest = json.loads((self.folder / "manifest.json").read_text())
        self.session = onnxruntime.InferenceSession(self.folder / "model.onnx", providers=["CPUExecutionProvider"])

    def score(self, window):
        """The mean score of the window's items."""
        manifest = self.manifest
        if "detector" in manifest:
            sys.exit("the score of this bundle is that of a detector, which this example does not compute")
        x = items(features(window, manifest["front_end"]), manifest["front_end"], manifest["normalization"])
        x = np.ascontiguousarray(x, np.float32)
        spread = manifest.get("residual_spread")
        if spread is None:
            return float(self.session.run(["score"], {"features": x})[0].mean(dtype=np.float64))
        reconstruction = self.session.run(["reconstruction"], {"features": x})[0]
        residual = (x - reconstruction).reshape(len(x), -1).mean(axis=0, dtype=np.float64)
        return float(np.mean((residual / spread) ** 2))

    def golden(self):
        """A few windows with the scores that they had when the bundle was made."""
        size = self.manifest["window"]["shape"][0]
        values = np.fromfile(self.folder / "golden.bin", "<f4")
        n = len(values) // (size + 1)
        return values[: n * size].reshape(n, size), values[n * size :]


if __name__ == "__main__":
    bundle = Bundle(sys.argv[1])
    if len(sys.argv) > 2:
        rate, size = bundle.manifest["window"]["sample_rate"], bundle.manifest["window"]["shape"][0]
        samples, _ = librosa.load(sys.argv[2], sr=rate)
        for start in range(0, len(samples) - size + 1, size):
            print(f"{start / rate:8.2f} s  {bundle.score(samples[start : start + size]):.6g}")
    else:
        for window, expected in zip(*bundle.golden()):
            score = bundle.score(window)
            print(f"{score:.7g}  {expected:.7g}  {abs(score - expected) / expected:.1e}")
