"""
What Python's onnxruntime makes of the same model, calibration data and test data: a line of JSON for each line of JSON on stdin.
in:  {"model": fp32.onnx, "ours": int8.onnx, "calibration": f32, "features": f32, "shape": [n, ...], "folder": ...}
out: {"exact": scores, "theirs": scores of their int8 model, "ours": scores of ours, "bits": of half(features)}
"""

import json
import os
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static


class Reader(CalibrationDataReader):
    def __init__(self, features):
        self.batches = iter([{"features": features}])

    def get_next(self):
        return next(self.batches, None)


def scores(path, features):
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(["score"], {"features": features})[0].tolist()


for line in sys.stdin:
    job = json.loads(line)
    load = lambda name: np.fromfile(job[name], dtype="<f4").reshape(job["shape"])
    features, calibration = load("features"), load("calibration")
    onnx.checker.check_model(onnx.load(job["ours"]))
    theirs = os.path.join(job["folder"], "theirs.onnx")
    quantize_static(
        job["model"],
        theirs,
        Reader(calibration),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Gemm", "MatMul", "Conv"],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    result = {
        "exact": scores(job["model"], features),
        "theirs": scores(theirs, features),
        "ours": scores(job["ours"], features),
        "bits": features.ravel().astype("<f2").view("<u2").tolist(),
    }
    print(json.dumps(result), flush=True)
