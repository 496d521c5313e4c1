#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image: Python, CPU torch, the grader, and the hidden cases.
set -euo pipefail
cd "$(dirname "$0")"

if ! python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3 python3-venv
fi
[ -x /opt/grader/bin/python ] || python3 -m venv /opt/grader

# The CPU build of torch: a tenth of the size, and there is no GPU.
export PIP_EXTRA_INDEX_URL="${PIP_EXTRA_INDEX_URL:-https://download.pytorch.org/whl/cpu}"
/opt/grader/bin/python -m pip install --no-cache-dir -r requirements.txt ./gradient_grader-*.whl
/opt/grader/bin/python -m pip install --no-cache-dir --no-deps --force-reinstall ./gradient_grader-*.whl

# The secret, the exercises and what is known about mistakes are root's alone.
chown -R 0:0 .
chmod 700 .
chmod -R go= grading
umask 077
/opt/grader/bin/grader container draw grading
