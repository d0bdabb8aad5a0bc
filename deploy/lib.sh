# What the scripts in this folder share; they source it first:
#
#   set -euo pipefail
#   . "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
#
# It finds the checkout (ROOT), installs Debian packages that are missing, and prints steps with
# their times. It needs neither HOME, nor a locale, nor a right clock: times come from the kernel's
# monotonic clock.

export LC_ALL=C.UTF-8
# The distribution's own tools come first: a cmake or python3 from elsewhere on PATH does not see
# the libraries and modules that are installed here.
export PATH="/usr/bin:/bin:/usr/sbin:/sbin${PATH:+:$PATH}"

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
BUILD=$ROOT/build
APT_LOG=$BUILD/apt.log

# ---------------------------------------------------------------------------------------------
# Printing. Colour and lines that redraw themselves only on a terminal; plain lines elsewhere.

TTY=
if [[ -t 1 && ${TERM:-dumb} != dumb ]]; then TTY=1; fi
if [[ $TTY && -z ${NO_COLOR:-} ]]; then
  GREEN=$'\e[32m' RED=$'\e[31m' DIM=$'\e[2m' PLAIN=$'\e[0m'
else
  GREEN= RED= DIM= PLAIN=
fi

# Milliseconds on a clock that never jumps.
now_ms() {
  local up _
  read -r up _ </proc/uptime
  up=${up/./}
  echo $((10#$up * 10))
}

# seconds_of MS: "0.4" below ten seconds, "78" above.
seconds_of() {
  if (($1 < 9950)); then
    local tenths=$((($1 + 50) / 100))
    echo "$((tenths / 10)).$((tenths % 10))"
  else
    echo $((($1 + 500) / 1000))
  fi
}

# duration_of MS: "6 min 12 s".
duration_of() {
  local seconds=$((($1 + 500) / 1000))
  if ((seconds >= 60)); then
    echo "$((seconds / 60)) min $((seconds % 60)) s"
  else
    echo "$(seconds_of "$1") s"
  fi
}

# thousands 1012: "1,012".
thousands() {
  local digits=$1 out=
  while ((${#digits} > 3)); do
    out=,${digits: -3}$out
    digits=${digits:0:-3}
  done
  echo "$digits$out"
}

# pad WIDTH TEXT: bash's own printf counts bytes, this counts characters.
pad() {
  local room=$(($1 - ${#2}))
  ((room > 0)) || room=0
  printf '%s%*s' "$2" "$room" ''
}

# A step is one line: its name, what it does, and how long it took.
#   step packages "24 to install"; step_says "…" (changes the text); step_bar 40; step_done
step() {
  STEP_NAME=$1 STEP_TEXT=${2:-} STEP_BAR= STEP_START=$(now_ms)
  step_draw
}
step_says() {
  STEP_TEXT=$1
  step_draw
}
step_bar() {  # step_bar PERCENT
  local full=$(($1 * 6 / 100)) bar='######......'
  STEP_BAR="[${bar:6-full:6}] $(printf '%3d' "$1") %"
  step_draw
}
step_line() {
  local width=51
  [[ -z $STEP_BAR ]] || width=37
  printf '  %s %s' "$(pad 10 "$STEP_NAME")" "$(pad "$width" "$STEP_TEXT")"
  [[ -z $STEP_BAR ]] || printf '%s' "$STEP_BAR"
}
step_draw() {
  [[ -z $TTY ]] || printf '\r%s\e[K' "$(step_line)"
}
step_done() {
  [[ $# -eq 0 ]] || STEP_TEXT=$1
  [[ -z $TTY ]] || printf '\r'
  printf '%s  %s✓%s %4s s' "$(step_line)" "$GREEN" "$PLAIN" "$(seconds_of $(($(now_ms) - STEP_START)))"
  [[ -z $TTY ]] || printf '\e[K'
  printf '\n'
  STEP_NAME=
}
step_failed() {
  [[ -n ${STEP_NAME:-} ]] || return 0
  [[ -z $TTY ]] || printf '\r'
  printf '%s  %s✗%s %4s s' "$(step_line)" "$RED" "$PLAIN" "$(seconds_of $(($(now_ms) - STEP_START)))"
  [[ -z $TTY ]] || printf '\e[K'
  printf '\n'
  STEP_NAME=
}

# die WHAT DO [LOG]: what went wrong, the last 20 lines of the log, and the one thing to do.
die() {
  step_failed
  {
    printf '%s✗ %s%s\n' "$RED" "$1" "$PLAIN"
    if [[ -n ${3:-} && -s ${3:-} ]]; then
      printf '%s  the last lines of %s:%s\n' "$DIM" "${3#"$ROOT"/}" "$PLAIN"
      tail -n 20 -- "$3" | sed 's/^/    /'
    fi
    printf '  → %s\n' "$2"
  } >&2
  exit 1
}

# own_build: stops here if the build folder is somebody else's (made by root, say).
own_build() {
  mkdir -p -- "$BUILD" 2>/dev/null || true
  [[ -w $BUILD ]] || die "build/ cannot be written by $(id -un 2>/dev/null || echo "$EUID")" \
    "remove build/ or give it back (chown -R), then run this again"
}

# ---------------------------------------------------------------------------------------------
# Packages.

# The names of a group's packages, one a line.
packages_of() {
  case $1 in
    build) printf '%s\n' cmake ninja-build g++ pkg-config ca-certificates git \
      librdkafka-dev libsimdjson-dev libspdlog-dev libfmt-dev libtomlplusplus-dev libcli11-dev \
      prometheus-cpp-dev libcpp-httplib-dev libcld2-dev libutf8proc-dev libxxhash-dev \
      libsystemd-dev zlib1g-dev iso-codes libgeonames-common libgeonames0 ;;
    test) printf '%s\n' libgtest-dev libgmock-dev libbenchmark-dev librapidcheck-dev \
      python3 python3-jsonschema kcat ;;
    check) printf '%s\n' clang-16 clang-tidy-16 clang-format-16 libclang-rt-16-dev python3 git ;;
    java) printf '%s\n' openjdk-17-jre-headless ;;
    newer) printf '%s\n' python3-pip ;;
    openssl) printf '%s\n' openssl ;;
    # Only where the broker's jars have to be fetched. With the headless runtime above and without
    # recommended packages it brings no JDK.
    maven) printf '%s\n' maven openjdk-17-jre-headless ;;
    *) die "there is no package group '$1'" "use build, test, check, java, newer, openssl or maven" ;;
  esac
}

# missing_packages GROUP…: fills WANTED and MISSING.
missing_packages() {
  local group state name
  declare -A installed=()
  mapfile -t WANTED < <(for group in "$@"; do packages_of "$group"; done | sort -u)
  # dpkg-query fails when it does not know a name, which only means that it is missing.
  while read -r state name; do
    [[ $state != installed ]] || installed[$name]=1
  done < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${WANTED[@]}" 2>/dev/null || true)
  MISSING=()
  for name in "${WANTED[@]}"; do
    [[ -n ${installed[$name]:-} ]] || MISSING+=("$name")
  done
}

# Runs as root what follows, with the settings that keep apt from asking.
as_root() {
  local settings=(LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
    NEEDRESTART_SUSPEND=1)
  if ((EUID == 0)); then
    env "${settings[@]}" "$@"
  else
    sudo env "${settings[@]}" "$@"
  fi
}

apt_get() {
  # The file descriptors of locks stay ours: a daemon started by a package must not hold them.
  as_root apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" \
    </dev/null >>"$APT_LOG" 2>&1
}

# What to do about a failed apt, from what it said.
apt_advice() {
  local said
  # What this run wrote: all that follows the last heading.
  said=$(tac -- "$APT_LOG" | sed '/^== /q')
  case $said in
    *"No space left"*) echo "free some disk space, then run this again" ;;
    *"dpkg was interrupted"*) echo "run 'dpkg --configure -a' as root, then run this again" ;;
    *"Could not get lock"* | *"Unable to lock"*)
      echo "another package manager is at work: wait for it, then run this again" ;;
    *"Unable to locate package"* | *"no installation candidate"*)
      echo "telex is built for Debian 12: add its main section to your apt sources, then run this again" ;;
    *"resolving"* | *"Failed to fetch"* | *"Could not connect"* | *"Unable to connect"*)
      echo "check the network and your apt sources, then run this again" ;;
    *) echo "mend what apt says above, then run this again" ;;
  esac
}

# need_packages GROUP…: one step; installs only what is missing, and asks apt nothing if nothing is.
need_packages() {
  local try plan size count advice
  step packages "looking"
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    step_done "no apt on this machine: taking what is installed"
    return
  fi
  missing_packages "$@"
  if ((${#MISSING[@]} == 0)); then
    step_done "all ${#WANTED[@]} present"
    return
  fi
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      die "packages are missing (${#MISSING[@]}), and there is no sudo to install them with" \
        "as root: apt-get install --no-install-recommends ${MISSING[*]}"
    if ! sudo -n true 2>/dev/null; then
      [[ -z $TTY ]] || printf '\r\e[K'
      # The password is asked for on the terminal, if there is one.
      sudo -v || die "packages are missing (${#MISSING[@]}), and sudo refuses" \
        "as root: apt-get install --no-install-recommends ${MISSING[*]}"
    fi
  fi
  mkdir -p -- "$(dirname -- "$APT_LOG")"
  printf '\n== %s: installing %s\n' "${0##*/}" "${MISSING[*]}" >>"$APT_LOG"

  # The lists may be locked for a moment, a mirror may be in the middle of an update. When it keeps
  # failing, the lists on disk may still do, so only the installation decides.
  step_says "${#MISSING[@]} missing, reading apt's lists"
  for try in 1 2 3 4; do
    if apt_get update; then break; fi
    ((try == 4)) || sleep $((try * 3))
  done

  plan=$(as_root apt-get --assume-no -o DPkg::Lock::Timeout=300 install --no-install-recommends \
    "${MISSING[@]}" </dev/null 2>>"$APT_LOG" || true)
  count=$(sed -nE 's/^.* ([0-9]+) newly installed.*/\1/p' <<<"$plan")
  size=$(sed -nE 's/^Need to get ([1-9][0-9]*)([.,][0-9]+)* ([kMG]?B).*/\1 \3/p' <<<"$plan")
  step_says "${count:-${#MISSING[@]}} to install with apt${size:+ ($size)}"

  for try in 1 2 3; do
    if apt_get install --no-install-recommends "${MISSING[@]}"; then break; fi
    advice=$(apt_advice)
    # Only what time may mend is worth another try.
    [[ $try -lt 3 && $advice == *@(network|another|mend)* ]] ||
      die "apt could not install what telex needs" "$advice" "$APT_LOG"
    sleep $((try * 5))
  done
  missing_packages "$@"
  ((${#MISSING[@]} == 0)) ||
    die "still missing after apt was done: ${MISSING[*]}" "$(apt_advice)" "$APT_LOG"
  step_done
}

# ---------------------------------------------------------------------------------------------
# Building.

# As many jobs as there are cores, but not more than the memory holds (a g++ takes up to a GiB).
jobs_count() {
  local cores free
  cores=$(nproc)
  free=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
  ((free >= 1)) || free=1
  echo $((cores < free ? cores : free))
}

# configure PRESET [-DNAME=VALUE…]: cmake into build/PRESET, its output to BUILD_LOG.
configure() {
  local preset=$1 cache=$BUILD/$1/CMakeCache.txt
  shift
  mkdir -p -- "$BUILD" "$(dirname -- "$BUILD_LOG")"
  # A build folder that came along with a copied checkout points at the place it came from.
  if [[ -e $cache ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$ROOT" "$cache"; then
    rm -rf -- "${BUILD:?}/$preset"
  fi
  (cd -- "$ROOT" && cmake --preset "$preset" "$@") </dev/null >>"$BUILD_LOG" 2>&1 ||
    die "cmake could not configure the preset $preset" \
      "mend what cmake says above (a missing package: run this again), then run this again" \
      "$BUILD_LOG"
}

# True if build/PRESET is configured and neither moved nor older than the presets.
configured() {
  local folder=$BUILD/$1
  [[ -e $folder/build.ninja && -e $folder/CMakeCache.txt ]] &&
    [[ ! $ROOT/CMakePresets.json -nt $folder/CMakeCache.txt ]] &&
    grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$ROOT" "$folder/CMakeCache.txt"
}

# Only one of these scripts at a time configures and builds in a folder.
build_lock() {
  mkdir -p -- "$BUILD"
  exec {BUILD_LOCK}>"$BUILD/.$1.lock"
  if ! flock -n "$BUILD_LOCK"; then
    step_says "$1, waiting for another build in build/$1"
    flock -w 3600 "$BUILD_LOCK" ||
      die "another build has been at work in build/$1 for an hour" "end it, then run this again"
  fi
}
build_unlock() { exec {BUILD_LOCK}>&-; }

files_text() { echo "$(thousands "$1") file$( (($1 == 1)) || echo s)"; }

# build PRESET [TARGET…]: the running step becomes its progress; FILES_BUILT is what was compiled.
build() {
  local preset=$1 line code=1 percent=-1 last=-1
  shift
  FILES_BUILT=0
  local targets=()
  [[ $# -eq 0 ]] || targets=(--target "$@")
  while IFS= read -r line; do
    case $line in
      "__exit "*) code=${line#__exit } ;;
      *)
        printf '%s\n' "$line" >>"$BUILD_LOG"
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\ (.*) ]] || continue
        percent=$((BASH_REMATCH[1] * 100 / BASH_REMATCH[2]))
        [[ ${BASH_REMATCH[3]} != "Building "* ]] || FILES_BUILT=$((FILES_BUILT + 1))
        if [[ $TTY ]] && ((percent != last)); then
          STEP_TEXT="$preset, $(files_text "$FILES_BUILT")"
          step_bar "$percent"
          last=$percent
        fi
        ;;
    esac
  done < <(
    cd -- "$ROOT"
    [[ -z ${BUILD_LOCK:-} ]] || exec {BUILD_LOCK}>&-
    code=0
    NINJA_STATUS='[%f/%t] ' cmake --build --preset "$preset" -j "$(jobs_count)" "${targets[@]}" \
      </dev/null 2>&1 || code=$?
    echo "__exit $code"
  )
  ((code == 0)) || die "the build of the preset $preset failed" \
    "mend what the compiler says (all of it: ${BUILD_LOG#"$ROOT"/}), then run this again" \
    "$BUILD_LOG"
  if ((FILES_BUILT == 0)); then
    STEP_TEXT="$preset, up to date"
  else
    STEP_TEXT="$preset, $(files_text "$FILES_BUILT")"
  fi
}
