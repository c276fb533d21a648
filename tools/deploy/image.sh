# The Dockerfile and its scripts. To be sourced by ./tools/test-deploy.
# shellcheck shell=bash

check_image() {
  install_packages shellcheck
  check "image: its scripts pass shellcheck" shellcheck -x tools/deploy/image/*
}
