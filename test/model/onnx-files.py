"""Checks ONNX files with the onnx package and runs them with Python's onnxruntime.

Reads JSON lines {"model": path, "features": path of float32 values, "shape": [...]} and prints JSON lines {"score": [...]}.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime

for line in sys.stdin:
    job = json.loads(line)
    onnx.checker.check_model(job["model"], full_check=True)
    session = onnxruntime.InferenceSession(job["model"], providers=["CPUExecutionProvider"])
    features = np.fromfile(job["features"], np.float32).reshape(job["shape"])
    score, latent, reconstruction = session.run(["score", "latent", "reconstruction"], {"features": features})
    print(json.dumps({"score": score.tolist(), "latent": latent.shape, "reconstruction": reconstruction.shape}))
