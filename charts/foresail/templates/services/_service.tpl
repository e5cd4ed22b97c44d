{{/* Service of one HTTP service. Takes (list $ "auth"). */}}
{{- define "foresail.service.service" -}}
{{- $root := index . 0 -}}
apiVersion: v1
kind: Service
metadata: {{- include "foresail.metadata" (list $root (index . 1) (index . 1)) | nindent 2 }}
spec:
  selector: {{- include "foresail.selector" . | nindent 4 }}
  ports:
    - {name: http, port: 8080, targetPort: http, appProtocol: http}
    - {name: metrics, port: 9090, targetPort: metrics}
{{- end }}

{{/* Its ServiceAccount: an identity without a token, but for calculations. */}}
{{- define "foresail.service.serviceaccount" -}}
{{- $root := index . 0 -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "foresail.metadata" (list $root (index . 1) (index . 1)) | nindent 2 }}
  {{- with $root.Values.serviceAccount.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end }}
