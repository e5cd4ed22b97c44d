{{/* A selector of every pod but a run's that speaks to the store. */}}
{{- define "foresail.network.storeClients" -}}
matchLabels:
  app.kubernetes.io/name: foresail
  app.kubernetes.io/instance: {{ .Release.Name | quote }}
matchExpressions:
  - {key: app.kubernetes.io/component, operator: In, values: [auth, masterdata, queueing, calculations, exporter]}
{{- end }}
