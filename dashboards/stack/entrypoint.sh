#!/bin/sh
# `auscult` in a container. A secret may lie in a file: NAME_FILE says where the value of NAME is, for names that begin with AUSCULT_ or KAFKA_.
set -eu

for name in $(env | sed -nE 's/^((AUSCULT|KAFKA)_[A-Z0-9_]+)_FILE=.*/\1/p'); do
  eval "value=\${$name:-} file=\$${name}_FILE"
  [ -z "$value" ] || continue
  if [ "$name" = AUSCULT_HTTP_TOKEN ] && [ ! -s "$file" ]; then
    (umask 077 && head -c 24 /dev/urandom | base64 | tr '+/' '-_' >"$file")
    echo "auscult: made a token, which changes need: $file" >&2
  fi
  value=$(cat "$file")
  export "$name=$value"
done

# So that `auscult ctl` may decide, called in the container.
if [ -n "${AUSCULT_HTTP_TOKEN:-}" ] && [ -z "${AUSCULT_TOKEN:-}" ]; then
  export AUSCULT_TOKEN="$AUSCULT_HTTP_TOKEN"
fi
exec node /app/dist/cli.js "$@"
