{{/* A selector of every pod but a run's that speaks to the store. */}}
{{- define "foresail.network.storeClients" -}}
matchLabels:
  app.kubernetes.io/name: foresail
  app.kubernetes.io/instance: {{ .Release.Name | quote }}
matchExpressions:
  - {key: app.kubernetes.io/component, operator: In, values: [auth, masterdata, queueing, calculations, exporter]}
{{- end }}

{{/* The way to the store: to its pod, or to where the external one is. */}}
{{- define "foresail.network.toStore" -}}
{{- if .Values.store.enabled }}
- to: [{podSelector: {matchLabels: {{ include "foresail.selector" (list . "store") | fromYaml | toJson }}}}]
  ports: [{port: 6379}]
{{- else }}
{{- $external := .Values.networkPolicy.externalStore }}
{{- $named := regexFind ":[0-9]+([/?]|$)" (include "foresail.storeUrl" . | splitList "@" | last) }}
- to: [{ipBlock: {cidr: {{ $external.cidr | quote }}}}]
  ports: [{port: {{ $external.port | default (regexFind "[0-9]+" $named) | default 6379 }}}]
{{- end }}
{{- end }}
