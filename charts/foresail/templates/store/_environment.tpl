{{/* The URL of the store for FORESAIL_STORE_URL: the own one's is put together from its password. */}}
{{- define "foresail.storeEnvironment" -}}
{{- if .Values.store.enabled }}
- name: STORE_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ include "foresail.storeSecret" . | quote }}, key: {{ .Values.store.passwordKey | quote }}}}
- {name: FORESAIL_STORE_URL, value: "redis://:$(STORE_PASSWORD)@{{ include "foresail.fullname" . }}-store:6379/0"}
{{- else }}
- name: FORESAIL_STORE_URL
  valueFrom: {secretKeyRef: {name: {{ include "foresail.storeSecret" . | quote }}, key: {{ .Values.externalStore.urlKey | quote }}}}
{{- if .Values.externalStore.caSecret }}
- {name: FORESAIL_STORE_CA_FILE, value: /etc/foresail-store/ca.crt}
{{- end }}
{{- end }}
{{- end }}

{{/* The URL of an external store where a value says it: pods read it when they start, so another one has to restart them. */}}
{{- define "foresail.storeUrl" -}}
{{- if not (or .Values.store.enabled .Values.externalStore.existingSecret) }}{{ .Values.externalStore.url }}{{ end }}
{{- end }}
