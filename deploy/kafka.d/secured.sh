# The secured listeners of deploy/kafka, which sources this: throw-away certificates and users in
# DIR/secured, 0600 in a folder of 0700, made once for each D.
#
#   ca.pem                      the authority that signed what follows
#   broker.pem                  the broker's key and certificate, for 127.0.0.1 and localhost
#   client.pem client.key       a client certificate, its key locked with client.passphrase
#   expired.pem expired.key     the same, out of date since yesterday
#   other-ca.pem                an authority that signed nothing here
#   telex.password              of the user telex, who may do everything
#   reader.password             of the user reader, who may read, and open transactions, but write
#                               to no topic
#   client.properties           how a client of librdkafka says all this over SASL_SSL (kcat -F)

SECURED_USERS=(telex reader)

secured() { [[ -d $DIR/secured ]]; }

# certificate NAME SUBJECT DAYS [EXTENSION]: NAME.pem and NAME.key, signed by ca. In DIR/secured.
certificate() {
  local extension=${4:-extendedKeyUsage=clientAuth}
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" \
    -subj "$2" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -days "$3" -out "$1.pem" \
    -extfile <(printf '%s\n' "$extension")
  rm -- "$1.csr"
}

authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" \
    -out "$1.pem" -days 3650 -subj "/CN=telex test $1" -addext basicConstraints=critical,CA:TRUE
}

random_word() { head -c 16 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

# Makes DIR/secured, all of it or nothing.
make_secrets() {
  local folder user
  secured && return 0
  [[ ! -e $DIR/data/.formatted ]] ||
    die "the broker of $DIR was set up without secured listeners" "choose another --dir"
  command -v openssl >/dev/null || need_packages openssl
  folder=$(mktemp -d -- "$DIR/secured.XXXXXX")
  (
    umask 077
    cd -- "$folder"
    authority ca
    authority other-ca
    certificate broker /CN=broker 3650 \
      $'extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1,DNS:localhost'
    certificate client /CN=telex-client 3650
    certificate expired /CN=telex-client -1
    # Kafka wants key and certificate in one file.
    cat -- broker.key >>broker.pem
    for user in "${SECURED_USERS[@]}"; do random_word >"$user.password"; done
    random_word >client.passphrase
    openssl pkcs8 -topk8 -in client.key -out client.locked -passout file:client.passphrase
    mv -- client.locked client.key
    printf '%s\n' security.protocol=SASL_SSL sasl.mechanism=PLAIN sasl.username=telex \
      "sasl.password=$(<telex.password)" "ssl.ca.location=$DIR/secured/ca.pem" >client.properties
    rm -- broker.key ca.key other-ca.key
  ) </dev/null >>"$DIR/server.log" 2>&1 ||
    die "openssl could not make the certificates" "read what it says above" "$DIR/server.log"
  mv -T -- "$folder" "$DIR/secured"
}

# What the storage tool is told when it formats. The passwords are throw-away: they stand on a
# command line for a second.
scram_arguments() {
  local user mechanism
  secured || return 0
  for user in "${SECURED_USERS[@]}"; do
    for mechanism in SCRAM-SHA-256 SCRAM-SHA-512; do
      printf '%s\n' --add-scram "$mechanism=[name=$user,password=$(<"$DIR/secured/$user.password")]"
    done
  done
}

# The broker's settings beside those of the plain listener. The plain one stays, for the tests' own
# hands; who comes through it, like the controller, is ANONYMOUS and may do everything.
secured_settings() {  # secured_settings SASL_PORT SSL_PORT
  local mechanism user modules=org.apache.kafka.common.security
  cat <<SETTINGS
ssl.keystore.type=PEM
ssl.keystore.location=secured/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location=secured/ca.pem
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:telex;User:CN=telex-client
SETTINGS
  for mechanism in scram-sha-256 scram-sha-512; do
    echo "listener.name.sasl_ssl.$mechanism.sasl.jaas.config=$modules.scram.ScramLoginModule required;"
  done
  printf '%s' "listener.name.sasl_ssl.plain.sasl.jaas.config=$modules.plain.PlainLoginModule required"
  for user in "${SECURED_USERS[@]}"; do
    printf ' user_%s="%s"' "$user" "$(<"$DIR/secured/$user.password")"
  done
  echo ';'
}

# grant PORT: what the user reader may do, as one CreateAcls request (version 1). ANONYMOUS may ask
# for that. Granting twice changes nothing.
grant() {
  local request answer principal=User:reader count=3 each type operation
  string() { printf '\\x%02x\\x%02x%s' $((${#1} / 256)) $((${#1} % 256)) "$1"; }
  # Resource type, its name '*', a literal pattern, the principal, host '*', operation, allow.
  # Topic (2) read (3); group (3) read (3); transactional id (5) write (4).
  request="\\0\\x1e\\0\\1\\0\\0\\0\\1$(string telex)\\0\\0\\0\\x0$count"
  for each in '2 3' '3 3' '5 4'; do
    read -r type operation <<<"$each"
    request+="\\x0$type$(string '*')\\3$(string "$principal")$(string '*')\\x0$operation\\3"
  done
  # Printing it is the way to count it: its bytes are not its characters.
  each=$(printf "$request" | wc -c)
  request="\\0\\0$(printf '\\x%02x\\x%02x' $((each / 256)) $((each % 256)))$request"
  # Length, correlation id, throttling and count, four bytes each; then an error code (two bytes)
  # and a null message (two bytes) for each.
  answer=$(ask "$1" $((16 + count * 4)) "$request") || true
  set -- $answer
  (($# == 16 + count * 4)) || return 1
  shift 16
  while (($# > 0)); do
    (($1 == 0 && $2 == 0)) || return 1
    shift 4
  done
}

# The environment that tests of the secured listeners read.
secured_environment() {  # secured_environment SASL_PORT SSL_PORT
  printf '%s\n' "TELEX_TEST_SASL_BOOTSTRAP=127.0.0.1:$1" "TELEX_TEST_SSL_BOOTSTRAP=127.0.0.1:$2" \
    "TELEX_TEST_SECRETS=$DIR/secured"
}
