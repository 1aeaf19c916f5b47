import base64, hashlib, hmac, json, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

key = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
seen = set()  # keep it on your disk


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        id, sent = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        signed = f"{id}.{sent}.".encode() + body
        expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        given = self.headers.get("webhook-signature", "").split()
        is_ours = any(hmac.compare_digest(f"v1,{expected}", each) for each in given)
        # What is older than five minutes may have been recorded, and be played again.
        is_new = abs(time.time() - int(sent)) < 300
        if is_ours and is_new and id not in seen:
            print(json.loads(body)["text"], flush=True)
            seen.add(id)
        self.send_response(204 if is_ours and is_new else 401)
        self.end_headers()

    def log_message(self, *args):
        pass


ThreadingHTTPServer(("", int(os.environ.get("PORT", 9000))), Receiver).serve_forever()
