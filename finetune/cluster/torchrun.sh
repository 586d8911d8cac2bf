#!/usr/bin/env bash
# One machine's share of a run on several. Start it on every machine, in the repository, with the same settings but
# for the machine's number:
#
#   MASTER_ADDR=worker-1 NNODES=2 NODE_RANK=0 finetune/cluster/torchrun.sh --config finetune/configs/llama-13b.yaml
#   MASTER_ADDR=worker-1 NNODES=2 NODE_RANK=1 finetune/cluster/torchrun.sh --config finetune/configs/llama-13b.yaml
#
# MASTER_ADDR  name or address of machine 0, as the others reach it
# NNODES       number of machines (default 2)
# NODE_RANK    this machine's number, from 0
# NPROC        processes on each machine, one per GPU (default 1); NNODES x NPROC must divide the batch of 130
# MASTER_PORT  a free port on machine 0 (default 29500)
#
# The output folder of the config must be on a disk that all machines share.
set -euo pipefail
: "${MASTER_ADDR:?is not set: give the name of machine 0, as the others reach it}"
: "${NODE_RANK:?is not set: give the number of this machine, from 0}"
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"  # with more, the processes of one machine fight for its cores
exec torchrun \
    --nnodes "${NNODES:-2}" --node_rank "$NODE_RANK" --nproc_per_node "${NPROC:-1}" \
    --master_addr "$MASTER_ADDR" --master_port "${MASTER_PORT:-29500}" \
    -m finetune.train "$@"
