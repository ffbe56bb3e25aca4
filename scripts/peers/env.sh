# Source me: where the peers are, and the addresses at which our own copies of them answer.
# MULTIHULL_PEERS is what is installed (kept between runs), MULTIHULL_PEERS_RUN sockets, pids and logs, MULTIHULL_PEERS_DATA what the daemons store.
export MULTIHULL_PEERS=${MULTIHULL_PEERS:-/opt/peers}
export MULTIHULL_PEERS_RUN=${MULTIHULL_PEERS_RUN:-/run/peers}
export MULTIHULL_PEERS_DATA=${MULTIHULL_PEERS_DATA:-/var/lib/peers}
export MULTIHULL_PEERS_REGISTRY=${MULTIHULL_PEERS_REGISTRY:-127.0.0.1:5050}
export PATH=$MULTIHULL_PEERS/bin:$MULTIHULL_PEERS/docker/usr/bin:$MULTIHULL_PEERS/docker/usr/sbin:$PATH:/usr/sbin:/sbin:/usr/local/go/bin
export DOCKER_CONFIG=$MULTIHULL_PEERS/docker/cfg
