"""Broadcasts the same scores and events to all clients with the `websockets` package. One job as JSON, a line of JSON for each step."""

import asyncio
import json
import resource
import sys
import time

from websockets.asyncio.server import broadcast, serve

# As in websocket/feed.ts.
BATCH_MS = 20
PATIENCE = 3


def rss():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def now():
    return time.monotonic() * 1000


def say(message):
    print(json.dumps(message), flush=True)


async def main(job):
    connections = set()

    async def handle(connection):
        connections.add(connection)
        try:
            await connection.wait_closed()
        finally:
            connections.discard(connection)

    sizes = {"idle": rss(), "connected": 0, "most": 0}
    async with serve(handle, "127.0.0.1", 0, compression=None, backlog=2048) as server:
        say({"port": server.sockets[0].getsockname()[1]})
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        sizes["connected"] = rss()
        durable = []
        cpu, start = time.process_time(), now()
        scores = changes = 0
        late = []
        tick = 0
        while (tick := tick + 1) * BATCH_MS <= job["seconds"] * 1000:
            elapsed = tick * BATCH_MS / 1000
            due = start + elapsed * 1000
            await asyncio.sleep(max(0, due - now()) / 1000)
            late.append(now() - due)
            if now() - start > PATIENCE * job["seconds"] * 1000:
                break
            while scores < elapsed * job["sources"] * job["rate"]:
                source, index = scores % job["sources"], scores // job["sources"]
                broadcast(connections, json.dumps(score(source, index, due), separators=(",", ":")))
                scores += 1
            while changes < elapsed * job["events"]:
                changes += 1
                durable.append([changes, due])
                broadcast(connections, json.dumps(event(changes, changes % job["sources"]), separators=(",", ":")))
            sizes["most"] = max(sizes["most"], rss())
        await asyncio.sleep(1)
        late.sort()
        say(
            {
                "durable": durable,
                "cores": (time.process_time() - cpu) * 1000 / (now() - start),
                "rss": sizes,
                "late": {"p99": late[int(0.99 * (len(late) - 1))], "max": late[-1]},
                "unsent": 0,
            }
        )


def score(source, index, due):
    name = f"source-{source}"
    return {
        "type": "score",
        "source": name,
        "id": f"{name}/feed.wav/{index * 8000}",
        "index": index,
        "stream": "feed.wav",
        "offset": index * 8000,
        "time": due,
        "duration": 1,
        "score": 0.7316 + source / 1e4,
        "threshold": 1.1855784827470779,
        "anomalous": False,
        "late": False,
        "windows": 1,
    }


def event(seq, source):
    name = f"source-{source}"
    episode_id = f"{name}/a/{seq}"
    episode = {"id": episode_id, "source": name, "state": "open", "opened_at": seq, "last_at": 3, "stream": "a"}
    episode |= {"offset": seq, "windows": 2, "peak_score": 2.5, "mean_score": 2, "threshold": 1}
    return {"seq": seq, "type": "episode.updated", "event_id": f"{episode_id}/updated", "episode": episode}


asyncio.run(main(json.loads(sys.argv[1])))
