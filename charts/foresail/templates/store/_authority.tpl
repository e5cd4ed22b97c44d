{{/* The certificate of the authority that an external store's is checked by: mounted, and where it comes from. */}}
{{- define "foresail.storeAuthority.mount" -}}
{{- if and (not .Values.store.enabled) .Values.externalStore.caSecret }}
- {name: store-authority, mountPath: /etc/foresail-store, readOnly: true}
{{- end }}
{{- end }}

{{- define "foresail.storeAuthority.volume" -}}
{{- if and (not .Values.store.enabled) .Values.externalStore.caSecret }}
- name: store-authority
  secret: {secretName: {{ .Values.externalStore.caSecret | quote }}, items: [{key: {{ .Values.externalStore.caKey | quote }}, path: ca.crt}]}
{{- end }}
{{- end }}
