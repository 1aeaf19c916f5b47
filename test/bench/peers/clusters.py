"""Clusters of labelled latents by scikit-learn and River, in one pass over the same streams: see clusters/quality.ts.

`python clusters.py '{"digits": "file.json"}'` writes the digits of scikit-learn, projected to 32 dimensions by PCA.
`python clusters.py '{"streams": "file.json"}'` prints the labels that each peer gives: {stream: {peer: {online, final}}}.
"""

import json
import sys
import warnings

import numpy as np
from river.cluster import DenStream
from sklearn.cluster import MiniBatchKMeans
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

BATCH = 50

warnings.simplefilter("ignore", ConvergenceWarning)


def batches(rows, first):
    yield slice(0, first)
    for start in range(first, rows, BATCH):
        yield slice(start, min(rows, start + BATCH))


def mini_batch_k_means(x, stream):
    model = MiniBatchKMeans(stream["k"], random_state=stream["seed"], n_init=3)
    online = []
    for part in batches(len(x), stream["train"]):
        model.partial_fit(x[part])
        online.extend(model.predict(x[part]).tolist())
    return {"online": online, "final": model.predict(x).tolist()}


def gaussian_mixture(x, stream, covariance):
    """Not of one pass: EM over everything, as often as it likes."""
    model = GaussianMixture(stream["k"], covariance_type=covariance, random_state=stream["seed"], reg_covar=1e-6 * x.var())
    final = model.fit_predict(x).tolist()
    return {"online": final, "final": final}


def den_stream(x, stream):
    """Its label of a point is the nearest cluster right after the batch that holds the point."""
    options = stream["denstream"]
    model = DenStream(
        decaying_factor=options["lambda"], beta=options["beta"], mu=options["mu"], epsilon=options["epsilon"],
        n_samples_init=stream["train"], stream_speed=1,
    )
    points = [dict(enumerate(row)) for row in x.tolist()]

    def label(some):
        if not some or not model.p_micro_clusters:
            return [0] * len(some)
        model.predict_one(some[0])
        return [model._get_closest_cluster_key(point, model.clusters) for point in some]

    online = []
    for part in batches(len(x), stream["train"]):
        for point in points[part]:
            model.learn_one(point)
        online.extend(label(points[part]))
    return {"online": online, "final": label(points)}


def main():
    job = json.loads(sys.argv[1])
    if "digits" in job:
        digits = load_digits()
        latents = PCA(32, svd_solver="full").fit_transform(digits.data).astype(np.float32)
        with open(job["digits"], "w") as file:
            json.dump({"dimensions": 32, "latents": latents.ravel().tolist(), "labels": digits.target.tolist()}, file)
        print("{}")
        return
    with open(job["streams"]) as file:
        streams = json.load(file)
    results = {}
    for stream in streams:
        x = np.array(stream["latents"], dtype=np.float32).reshape(-1, stream["dimensions"]).astype(np.float64)
        results[stream["name"]] = {
            "MiniBatchKMeans": mini_batch_k_means(x, stream),
            "GaussianMixture, full": gaussian_mixture(x, stream, "full"),
            "GaussianMixture, diagonal": gaussian_mixture(x, stream, "diag"),
            "DenStream": den_stream(x, stream),
        }
    print(json.dumps(results))


main()
