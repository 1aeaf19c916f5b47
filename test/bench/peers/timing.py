"""The twin of timing.ts: seconds of one call, the best and the median."""

import json
import sys
import time

WARM_UP = 0.3
FEWEST = 5


def job():
    return json.loads(sys.argv[1])


def measure(call, seconds):
    """Times `call` again and again and prints one line of JSON."""

    def timed():
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    timed()
    spent = 0.0
    while spent < WARM_UP * seconds:
        spent += timed()
    times = []
    spent = 0.0
    while spent < seconds or len(times) < FEWEST:
        times.append(timed())
        spent += times[-1]
    times.sort()
    print(json.dumps({"best": times[0], "median": times[len(times) // 2]}))
