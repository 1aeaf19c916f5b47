#!/usr/bin/env bash
# Builds @tensorflow/tfjs-node and @tensorflow/tfjs-node-gpu for the tests into ${XDG_CACHE_HOME:-~/.cache}/auscult/tfjs-node: the packages from npm, their
# addon compiled here, and TensorFlow's library and headers out of PyPI's tensorflow. Their own install scripts fetch both from elsewhere.
# The library is the one that knows CUDA, so that tfjs-node-gpu looks for a GPU, and takes the CPU where there is none. A Node that has lost what
# tfjs-node calls is put beside. The folder is whole or absent. Needs g++, make and pip; 0.7 GB to fetch, 1.5 GB to keep.
set -euo pipefail
cd "$(dirname "$0")/../.."
tfjs=$(node -p 'require("./package.json").dependencies["@tensorflow/tfjs-core"]')
tensorflow=2.18.1
node_gyp=12.4.0
newer_node=24.21.0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/auscult
target=$cache/tfjs-node
versions="tfjs-node $tfjs, TensorFlow $tensorflow, Node $newer_node"
[ "$(cat "$target/versions" 2>/dev/null)" = "$versions" ] && exit

python=${AUSCULT_PYTHON:-$cache/peers/bin/python}
[ -x "$python" ] || python=python3
machine=$(uname -m)
folder=$target.$$.tmp
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder"

echo "fetching TensorFlow $tensorflow"
nice "$python" -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 \
  --platform "manylinux2014_$machine" -d "$folder/wheel" "tensorflow==$tensorflow"
nice "$python" - "$folder" <<'PYTHON'
import pathlib, shutil, sys, zipfile
folder = pathlib.Path(sys.argv[1])
wheel = zipfile.ZipFile(next((folder / 'wheel').glob('*.whl')))
for name in wheel.namelist():
    path = pathlib.PurePosixPath(name)
    if name.startswith('tensorflow/libtensorflow_'):
        to = folder / 'tensorflow/lib' / path.name
    elif path.suffix == '.h' and ('/tensorflow/c/' in name or '/tsl/c/' in name or 'ctstring' in path.name):
        to = folder / 'tensorflow' / path.relative_to('tensorflow')
    else:
        continue
    to.parent.mkdir(parents=True, exist_ok=True)
    with wheel.open(name) as source, open(to, 'wb') as copy:
        shutil.copyfileobj(source, copy, 2 ** 24)
# The names that the linker asks for.
for name, library in {'libtensorflow.so': 'libtensorflow_cc.so.2', 'libtensorflow_framework.so': 'libtensorflow_framework.so.2'}.items():
    (folder / 'tensorflow/lib' / name).symlink_to(library)
shutil.rmtree(folder / 'wheel')
PYTHON

echo "fetching tfjs-node $tfjs"
arch=$(node -p process.arch)
echo '{}' >"$folder/package.json"
nice npm install --loglevel=error --no-save --ignore-scripts --no-audit --no-fund --prefix "$folder" "@tensorflow/tfjs-node@$tfjs" \
  "@tensorflow/tfjs-node-gpu@$tfjs" "node-gyp@$node_gyp" "node-linux-$arch@$newer_node"

# Headers that lie beside this Node are taken; node-gyp fetches others.
prefix=$(node -p 'path.resolve(process.execPath, "../..")')
headers=()
[ -f "$prefix/include/node/node_api.h" ] && headers=(--nodedir "$prefix")
for name in tfjs-node tfjs-node-gpu; do
  echo "compiling $name"
  package=$folder/node_modules/@tensorflow/$name
  ln -s ../../../tensorflow "$package/deps"
  log=$folder/build.log
  (cd "$package" && nice "$folder/node_modules/.bin/node-gyp" rebuild --silent "${headers[@]}" --module_name=tfjs_binding \
    --module_path="$package/lib/napi-v8" --napi_build_version=8) >"$log" 2>&1 || { cat "$log" && exit 1; }
  rm -rf "$package/build" "$log"
  TF_CPP_MIN_LOG_LEVEL=3 node -e 'const tf = require(process.argv[1]); console.log(`it adds: ${tf.add(1, 1).dataSync()[0]}`)' "$package"
done
echo "$versions" >"$folder/versions"
rm -rf "$target"
mv "$folder" "$target"
