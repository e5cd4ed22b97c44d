{{- define "foresail.store.conf" -}}
bind * -::*
port 6379
dir /data
# Every write is kept: nothing is evicted. What a power cut can take: docs/operate.md.
appendonly yes
appendfsync {{ .Values.store.appendfsync }}
maxmemory {{ .Values.store.maxMemory }}
maxmemory-policy noeviction
# The append-only file is the copy of record; snapshots beside it would only cost time.
save ""
tcp-keepalive 60
# Nothing here asks for them, and they could stop everything.
rename-command FLUSHALL ""
rename-command FLUSHDB ""
{{- end }}
