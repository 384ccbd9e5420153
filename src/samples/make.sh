#!/bin/sh
# Writes everything shipped from the trained file; with `train` as argument, trains first.
#   TORCH=venv-torch/bin/python TENSORFLOW=venv-tf/bin/python sh make.sh [train]
set -eu
cd "$(dirname "$0")"
: "${TORCH:=python3}" "${TENSORFLOW:=python3}"
trained=../test/resources/samples-unscaled
if [ "${1:-}" = train ]; then
  "$TORCH" train.py "$trained"
fi
"$TORCH" export.py "$trained" shipped
"$TENSORFLOW" to_openai_tf.py shipped/hf shipped/openai-tf
"$TORCH" measure.py "$trained" shipped ../test/resources/fixtures/sample-expected.json
