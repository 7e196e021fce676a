#!/bin/sh
# Kills the process groups that are named on standard input, when standard input closes: that is, when the process that
# owned them has ended, in whatever way. `+ <group>` adds one, `- <group>` forgets one that has ended by itself.
trap '' INT TERM HUP
groups=' '
while read -r change group; do
  case $change in
    +) groups="$groups$group " ;;
    -) groups="${groups%% "$group" *} ${groups#* "$group" }" ;;
  esac
done
for group in $groups; do
  kill -s KILL -- "-$group" 2>/dev/null
done
