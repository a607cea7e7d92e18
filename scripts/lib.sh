# What the scripts share: finding and installing what is missing, building, and short progress lines.
# Sourced, never run. Everything said here goes to standard error, so that a script's own output stays clean.
# Nothing is done twice: stamps under build/ remember what was installed and built, by content.
# shellcheck shell=bash

set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# shellcheck disable=SC2034 # used by those who source this
BUILD_PACKAGES=(gcc libc6-dev meson ninja-build pkg-config libwebsockets-dev libwebsockets-evlib-uv libuv1-dev
    libmsgpack-dev libsqlite3-dev libssl-dev ca-certificates node clang lld wasi-libc binaryen)
# shellcheck disable=SC2034
TEST_PACKAGES=(chromium fonts-dejavu-core clang-format libclang-rt-14-dev git openssl strace valgrind)
NODE_MAJOR_MIN=18 # Debian 12's own; the word "node" among packages stands for it and its npm

say() { printf '%s\n' "· $*" >&2; }

fail() {
    printf '%s\n' "✗ $*" >&2
    exit 1
}

# quietly TITLE COMMAND…: says the title; the command's output is shown only if it fails.
quietly() {
    local title=$1 output start=$SECONDS
    shift
    output=$(mktemp)
    say "$title …"
    if ! "$@" >"$output" 2>&1 </dev/null; then
        cat "$output" >&2
        rm -f "$output"
        fail "$title: failed (its output is above)"
    fi
    rm -f "$output"
    if ((SECONDS - start > 2)); then say "  took $((SECONDS - start)) s"; fi
}

# Only one script at a time sets up and builds in this folder; the lock is freed by unlock_tree or at the end.
lock_tree() {
    mkdir -p "$ROOT/build"
    exec 9>"$ROOT/build/.lock"
    flock -n 9 && return
    say "waiting for another script that is building here …"
    flock 9
}

# Before an exec: what runs on must not hold the lock.
unlock_tree() { exec 9>&-; }

node_major() { node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p'; }

# A Node.js from elsewhere (nvm, NodeSource) is as good as Debian's if it is new enough.
node_packages() {
    local major
    major=$(node_major || true)
    if ((${major:-0} < NODE_MAJOR_MIN)); then
        echo nodejs
        echo npm
    elif ! command -v npm >/dev/null; then
        echo npm
    fi
}

missing_packages() {
    local package
    for package in "$@"; do
        if [[ $package == node ]]; then
            node_packages
            continue
        fi
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) == installed ]] || echo "$package"
    done
}

# How to become root here, as words before a command; false if there is no way.
root_words() {
    if ((EUID == 0)); then return; fi
    command -v sudo >/dev/null || return 1
    [[ -t 0 ]] || sudo -n true 2>/dev/null || return 1 # without a terminal nobody can type a password
    echo sudo
}

# need_packages NAME…: installs those that are missing; the network is touched only then.
need_packages() {
    local missing as_root install
    if ! command -v dpkg-query >/dev/null; then
        say "this is not Debian: make sure that these are here by other names: $*"
        return
    fi
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0
    install="apt-get install -y --no-install-recommends ${missing[*]}"
    if ! as_root=$(root_words); then
        printf '%s\n' "✗ some Debian packages are missing, and this is not root. Please run:" "" \
            "    sudo apt-get update && sudo $install" "" >&2
        exit 1
    fi
    say "${#missing[@]} Debian packages are missing: ${missing[*]}"
    [[ -z $as_root ]] || sudo -v # ask for the password here, where the question can be seen
    # shellcheck disable=SC2086 # empty or one word
    quietly "asking Debian what is new" $as_root apt-get update
    # shellcheck disable=SC2086
    quietly "installing them (once)" $as_root env DEBIAN_FRONTEND=noninteractive $install
}

# content_of PATH…: one hash over names and contents of all files there, without what npm put down.
content_of() {
    find "$@" -name node_modules -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum |
        cut -d ' ' -f 1
}

# npm_install FOLDER: installs what its package-lock.json names, if that is not there yet.
npm_install() {
    local folder=$ROOT/$1 lock stamp
    lock=$folder/package-lock.json
    [[ -f $lock ]] || return 0
    stamp=$folder/node_modules/.tidewire-stamp
    local now
    now="$(content_of "$lock") $(node_major)"
    [[ $(cat "$stamp" 2>/dev/null || true) == "$now" ]] && return
    quietly "installing the npm packages of $1 (once)" npm --prefix "$folder" ci --no-audit --no-fund
    echo "$now" >"$stamp"
}

# The games' cores for the browser, where there is a toolchain for them.
build_cores() {
    local cores
    setup_build build
    mkdir -p "$ROOT/build/protocol/wasm"
    mapfile -t cores < <(ninja -C "$ROOT/build" -t targets all | sed -n 's#^\(protocol/wasm/[a-z0-9-]*\.wasm\):.*#\1#p')
    ((${#cores[@]})) || say "no clang, lld or wasi-libc: pages will not play"
    ((${#cores[@]} == 0)) || build build "${cores[@]}"
}

# The games' pages, each into build/page/NAME, and beside them what pages without a build step load (sdk.js, wasm/),
# when anything they are made of has changed. A page with a build.mjs is built, others are taken as they are.
build_page() {
    local pages=$ROOT/build/page stamp=$ROOT/build/page.stamp cores=$ROOT/build/protocol/wasm now folder name
    build_cores
    npm_install game/arena/page
    now=$(content_of "$ROOT"/game/*/page "$ROOT/protocol/js" "$cores")
    [[ -d $pages && $(cat "$stamp" 2>/dev/null || true) == "$now" ]] && return
    rm -rf "$pages" "$stamp"
    mkdir -p "$pages"
    for folder in "$ROOT"/game/*/page; do
        name=$(basename "$(dirname "$folder")")
        if [[ -f $folder/build.mjs ]]; then
            quietly "building the page of $name" env -C "$folder" node build.mjs "$pages/$name"
        else
            cp -r "$folder" "$pages/$name"
        fi
    done
    say "building the client package …"
    node "$ROOT/protocol/js/bundle.mjs" "$pages" "$cores" | sed 's/^/    /' >&2
    echo "$now" >"$stamp"
}

# setup_build FOLDER OPTION…: prepares a meson build folder, once.
setup_build() {
    local folder=$ROOT/$1
    shift
    [[ -f $folder/build.ninja ]] || quietly "preparing ${folder#"$ROOT"/}" meson setup "$folder" "$ROOT" "$@"
}

# build FOLDER TARGET…: compiles these (everything if none is named); silent when there is nothing to do.
build() {
    local folder=$ROOT/$1
    shift
    if ninja -C "$folder" -n "$@" 2>/dev/null | grep -q 'no work to do'; then return; fi
    quietly "compiling ${*:-everything}" ninja --quiet -C "$folder" "$@"
}

# The games by their ninja targets: every folder of game/ with a source of its own name.
game_targets() {
    local folder name
    for folder in "$ROOT"/game/*/; do
        name=$(basename "$folder")
        [[ -f $folder$name.c ]] && echo "game/$name.so"
    done
    return 0
}

# The server and its games in build/, as scripts/run starts them.
build_server() {
    local games
    mapfile -t games < <(game_targets)
    setup_build build
    build build server/tidewire "${games[@]}"
}
