#!/bin/sh
echo "${HOME}" && exec paperless
