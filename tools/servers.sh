# Starts the servers that the tests use, on loopback, on free ports, without durability: they live as long as the script that
# sources this, after lib.sh. Sets FIAPX_TEST_POSTGRES, FIAPX_TEST_REDIS, FIAPX_TEST_KAFKA and FIAPX_TEST_TOXIPROXY; one that is
# set already is used as it is. Everything lies below $SERVERS; stop_servers stops by process id what was started.
# shellcheck shell=bash disable=SC2034

KAFKA_VERSION=4.0.2 LOG4J_VERSION=2.24.3 TOXIPROXY_VERSION=v2.5.0
SERVER_PACKAGES=(postgresql redis-server)
KAFKA_PACKAGES=(openjdk-17-jre-headless maven)
SERVER_PIDS=()

# start_servers DIR starts all of them, the slow one first.
start_servers() {
  SERVERS=$1
  mkdir -p "$SERVERS"
  chmod 711 "$SERVERS"
  start_kafka
  start_postgres
  start_redis
  start_toxiproxy
  await_kafka
}

# start_postgres: the server refuses to run as root, so root hands it to the package's own user.
start_postgres() {
  local bin port
  bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)
  if [ -n "${FIAPX_TEST_POSTGRES:-}" ] || [ -z "$bin" ]; then
    return
  fi
  port=$(free_port) PG=$SERVERS/pg PG_CTL=$bin/pg_ctl
  mkdir "$PG"
  [ "$(id -u)" != 0 ] || chown postgres "$PG"
  as_postgres "$bin/initdb" -D "$PG/data" -U fiapx -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
  as_postgres "$PG_CTL" -D "$PG/data" -w -l "$PG/log" -o "-p $port -k $PG -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400" start >/dev/null
  export FIAPX_TEST_POSTGRES="postgres://fiapx@127.0.0.1:$port/postgres?sslmode=disable"
  say "PostgreSQL on port $port"
}

as_postgres() {
  if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid postgres --regid postgres --init-groups "$@"); else "$@"; fi
}

start_redis() {
  local port
  if [ -n "${FIAPX_TEST_REDIS:-}" ] || ! command -v redis-server >/dev/null; then
    return
  fi
  port=$(free_port)
  mkdir "$SERVERS/redis"
  redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$SERVERS/redis" >"$SERVERS/redis/log" 2>&1 &
  SERVER_PIDS+=($!)
  wait_until 10 redis-cli -p "$port" ping || die "Redis does not start: $(tail -1 "$SERVERS/redis/log")"
  export FIAPX_TEST_REDIS="redis://127.0.0.1:$port/0"
  say "Redis on port $port"
}

start_toxiproxy() {
  local port program
  [ -z "${FIAPX_TEST_TOXIPROXY:-}" ] || return 0
  program=$(go_tool server "github.com/Shopify/toxiproxy/v2/cmd/server@$TOXIPROXY_VERSION")
  port=$(free_port)
  "$program" -host 127.0.0.1 -port "$port" >"$SERVERS/toxiproxy.log" 2>&1 &
  SERVER_PIDS+=($!)
  wait_until 10 answers 127.0.0.1 "$port" /version || die "toxiproxy does not start: $(tail -1 "$SERVERS/toxiproxy.log")"
  export FIAPX_TEST_TOXIPROXY="127.0.0.1:$port"
  say "toxiproxy on port $port"
}

# kafka_jars prints the folder of Apache Kafka's own jars, downloaded once per version from Maven Central.
kafka_jars() {
  local dir=$CACHE/tools/kafka-$KAFKA_VERSION
  if [ ! -e "$dir/complete" ]; then
    say "downloading Apache Kafka $KAFKA_VERSION (42 MB)"
    mkdir -p "$dir"
    cat >"$dir/pom.xml" <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>fiapx</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$KAFKA_VERSION</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>$LOG4J_VERSION</version></dependency>
  </dependencies>
</project>
XML
    timeout 600 mvn -q -B -f "$dir/pom.xml" dependency:copy-dependencies -DoutputDirectory="$dir/libs" -DincludeScope=runtime >&2 || return 1
    touch "$dir/complete"
  fi
  echo "$dir/libs"
}

# start_kafka begins one node that is broker and controller. Where there is no Java or no Maven the tests go by the brokers
# that they have inside, and the run says so.
start_kafka() {
  local jars controller
  KAFKA_PORT=''
  [ -z "${FIAPX_TEST_KAFKA:-}" ] || { say "Kafka: the one at $FIAPX_TEST_KAFKA"; return; }
  if ! command -v java >/dev/null || ! command -v mvn >/dev/null || ! jars=$(kafka_jars); then
    say "Kafka: kfake inside the tests, because there is no Java, no Maven or no Maven Central"
    return
  fi
  KAFKA_PORT=$(free_port)
  controller=$(free_port)
  mkdir "$SERVERS/kafka"
  kafka_settings "$KAFKA_PORT" "$controller" >"$SERVERS/kafka/server.properties"
  echo '<Configuration status="ERROR"><Appenders><Console name="c"><PatternLayout pattern="%d %p %m%n"/></Console></Appenders><Loggers><Root level="INFO"><AppenderRef ref="c"/></Root></Loggers></Configuration>' >"$SERVERS/kafka/log4j2.xml"
  kafka_java "$jars" kafka.tools.StorageTool format -t fiapx-fiapx-fiapx-fia -c "$SERVERS/kafka/server.properties" >"$SERVERS/kafka/format.log" 2>&1 ||
    die "Kafka's storage cannot be made: $(tail -1 "$SERVERS/kafka/format.log")"
  kafka_java "$jars" kafka.Kafka "$SERVERS/kafka/server.properties" >"$SERVERS/kafka/log" 2>&1 &
  SERVER_PIDS+=($!)
}

kafka_java() {
  local jars=$1
  shift
  exec_or_run java -Xmx384m -Xms128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile="$SERVERS/kafka/log4j2.xml" -cp "$jars/*" "$@"
}

# exec_or_run replaces a background subshell, so that $! is the server itself and not a shell around it.
exec_or_run() { if [ "$BASHPID" != $$ ]; then exec "$@"; else "$@"; fi; }

kafka_settings() {
  cat <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$2
listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$2
advertised.listeners=PLAINTEXT://127.0.0.1:$1
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs=$SERVERS/kafka/data
num.partitions=3
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=3
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
PROPERTIES
}

await_kafka() {
  [ -n "$KAFKA_PORT" ] || return 0
  wait_until 60 grep -q 'Kafka Server started' "$SERVERS/kafka/log" || die "Kafka does not start: $(tail -1 "$SERVERS/kafka/log")"
  export FIAPX_TEST_KAFKA="127.0.0.1:$KAFKA_PORT"
  say "Kafka: Apache Kafka $KAFKA_VERSION on port $KAFKA_PORT"
}

stop_servers() {
  local pid
  if [ -n "${PG_CTL:-}" ]; then
    as_postgres "$PG_CTL" -D "$PG/data" -m immediate -w stop >/dev/null 2>&1 || true
  fi
  for pid in "${SERVER_PIDS[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  for pid in "${SERVER_PIDS[@]}"; do wait "$pid" 2>/dev/null || true; done
}
