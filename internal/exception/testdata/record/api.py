"""A server that refuses as a Kubernetes API server does, with the words of a real one (1.34)."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REFUSALS = {
    "forbidden": 'pods is forbidden: User "system:serviceaccount:jobs:spark" cannot create resource "pods" in API group "" in the namespace "jobs"',
    "forbiddenget": 'pods "driver" is forbidden: User "system:serviceaccount:jobs:spark" cannot get resource "pods" in API group "" in the namespace "jobs"',
    "quota": 'pods "x-exec-1" is forbidden: exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2',
}
KIND = sys.argv[1]
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "driver", "namespace": "jobs", "uid": "5c1b7b0e-0000-4000-8000-000000000001", "labels": {}},
    "spec": {"containers": [{"name": "spark-kubernetes-driver", "image": "spark"}]},
    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, code, body):
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def refuse(self):
        message = REFUSALS[KIND]
        details = {"kind": "pods"}
        self.answer(403, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": "Forbidden", "details": details, "code": 403})

    def do_GET(self):
        if KIND == "forbiddenget":
            return self.refuse()
        if self.path.split("?")[0].endswith("/pods/driver"):
            return self.answer(200, POD)
        kind = "ConfigMapList" if "configmaps" in self.path else "PodList"
        self.answer(200, {"kind": kind, "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": []})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body.get("kind") == "Pod":
            return self.refuse()
        self.answer(201, body)

    def do_DELETE(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer(200, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"})


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
