"""Serve a GGUF model with llama.cpp's server until killed; prints its address.

usage: serve_llama.py MODEL.gguf PORT
"""

from __future__ import annotations

import sys
import time


def main() -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = sys.argv[1]
    params.hostnames, params.port = ["127.0.0.1"], int(sys.argv[2])
    params.n_ctx, params.n_parallel = 8192, 4
    params.cpuparams.n_threads = 2
    params.warmup = False
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main()
