"""The twin of work/score.ts: the same ONNX file in Python's onnxruntime."""

import numpy as np
import onnxruntime
from timing import job, measure

task = job()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = task["threads"]
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(task["model"], options, providers=["CPUExecutionProvider"])
features = np.random.default_rng(1).random(task["shape"], dtype=np.float32)

measure(lambda: session.run(["score", "latent"], {"features": features}), task["seconds"])
