{{/* The name that every object's name begins with: the release's, followed by the chart's unless it holds that already. */}}
{{- define "foresail.fullname" -}}
{{- $release := ternary .Release.Name (printf "%s-foresail" .Release.Name) (contains "foresail" .Release.Name) -}}
{{- $name := .Values.fullnameOverride | default $release | trunc 40 | trimAll "-" -}}
{{- if regexMatch "^[0-9]|[.]" $name -}}
{{- fail (printf "no Service may be called %s-auth, with a dot or a digit first: give fullnameOverride" $name) -}}
{{- end -}}
{{- $name -}}
{{- end }}

{{/* What selects a component's pods. Never change these: selectors cannot be changed. Takes (list $ "component"). */}}
{{- define "foresail.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: foresail
app.kubernetes.io/instance: {{ $root.Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* All labels of a component's objects; pods get only the selector, so that a new version alone restarts nothing. */}}
{{- define "foresail.labels" -}}
{{- $root := index . 0 -}}
{{ include "foresail.selector" . }}
app.kubernetes.io/part-of: foresail
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- end }}

{{/* metadata of a component's object. Takes (list $ "component" "suffix of the name"). */}}
{{- define "foresail.metadata" -}}
{{- $root := index . 0 -}}
name: {{ include "foresail.fullname" $root }}-{{ index . 2 }}
namespace: {{ $root.Release.Namespace | quote }}
labels: {{- include "foresail.labels" . | nindent 2 }}
{{- end }}

{{/* An image's full name, with its digest where one is given: then the tag is only read by people and by Skaffold, whose
sync looks for pods by both. Takes (list $ image). */}}
{{- define "foresail.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- $registry := $root.Values.global.imageRegistry | default $image.registry -}}
{{- $name := ternary (printf "%s/%s" $registry $image.repository) $image.repository (ne $registry "") -}}
{{ $name }}:{{ $image.tag | default $root.Chart.AppVersion }}{{ with $image.digest }}@{{ . }}{{ end }}
{{- end }}

{{- define "foresail.pullSecrets" -}}
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The pod's part of the `restricted` security level. */}}
{{- define "foresail.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* The container's part of it. */}}
{{- define "foresail.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: {{ not .Values.development.enabled }}
capabilities: {drop: [ALL]}
{{- end }}

{{/* Names of the Secrets, own or given. */}}
{{- define "foresail.storeSecret" -}}
{{- if .Values.store.enabled -}}
{{- .Values.store.existingSecret | default (printf "%s-store" (include "foresail.fullname" .)) -}}
{{- else -}}
{{- .Values.externalStore.existingSecret | default (printf "%s-store" (include "foresail.fullname" .)) -}}
{{- end -}}
{{- end }}
{{- define "foresail.firstPasswordSecret" -}}
{{- .Values.firstPassword.existingSecret | default (printf "%s-first-password" (include "foresail.fullname" .)) -}}
{{- end }}

{{/* Environment of everything that reads the settings and the store. */}}
{{- define "foresail.environment" -}}
- {name: FORESAIL_CONFIG, value: /etc/foresail/config.ini}
{{ include "foresail.storeEnvironment" . | trim }}
{{- end }}

{{/* Settings that pods, probes, Services and volumes count on, so no value says them (k8s/schema.py refuses them). */}}
{{- define "foresail.fixedSettings" -}}
web: {metrics_host: 0.0.0.0, metrics_port: 9090}
export: {folder: /var/lib/foresail/export, metrics_port: 9091}
mpijob: {template: /etc/foresail-run/mpijob.json}
{{- end }}

{{/* config.ini from the values, sections and keys in order, so that the same values give the same text. */}}
{{- define "foresail.configIni" -}}
{{- $config := mergeOverwrite (deepCopy .Values.config) (include "foresail.fixedSettings" . | fromYaml) }}
{{- with $config.run }}
{{- if and .most_processes (gt (int .processes) (int .most_processes)) }}
{{- fail (printf "config.run: processes is %v, more than most_processes %v" .processes .most_processes) }}
{{- end }}
{{- end }}
{{- range $section := keys $config | sortAlpha }}
{{- $settings := get $config $section }}
[{{ $section }}]
{{- range $key := keys $settings | sortAlpha }}
{{- $value := get $settings $key }}
{{ $key }} = {{ if kindIs "float64" $value }}{{ if eq (floor $value) $value }}{{ int64 $value }}{{ else }}{{ $value }}{{ end }}{{ else }}{{ $value }}{{ end }}
{{- end }}
{{ end }}
{{- end }}
