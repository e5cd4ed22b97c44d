{{/* The spec of a PersistentVolumeClaim. Takes a `persistence` value. */}}
{{- define "foresail.claim" -}}
accessModes: [ReadWriteOnce]
{{- with .storageClass }}
storageClassName: {{ . | quote }}
{{- end }}
resources: {requests: {storage: {{ .size }}}}
{{- end }}
