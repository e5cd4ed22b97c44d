{{/* HorizontalPodAutoscaler of one HTTP service. Takes (list $ "auth"). */}}
{{- define "foresail.service.hpa" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $own := mergeOverwrite (deepCopy $root.Values.service) (index $root.Values $name) -}}
{{- if $own.autoscaling.enabled -}}
{{- $least := $own.autoscaling.minReplicas -}}
{{- $most := $own.autoscaling.maxReplicas -}}
{{- if gt (int $least) (int $most) -}}
{{- fail (printf "%s: autoscaling.minReplicas is %v, more than maxReplicas %v" $name $least $most) -}}
{{- end -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{- include "foresail.metadata" (list $root $name $name) | nindent 2 }}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ include "foresail.fullname" $root }}-{{ $name }}}
  minReplicas: {{ $least }}
  maxReplicas: {{ $most }}
  metrics:
    # A service is one process and uses one core at most, whatever its request is: so a value, not a share of the request.
    - type: Resource
      resource: {name: cpu, target: {type: AverageValue, averageValue: {{ $own.autoscaling.averageCPU }}}}
{{- end -}}
{{- end }}

{{/* PodDisruptionBudget of one HTTP service. */}}
{{- define "foresail.service.pdb" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $own := mergeOverwrite (deepCopy $root.Values.service) (index $root.Values $name) -}}
{{- if $own.podDisruptionBudget.enabled -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{- include "foresail.metadata" (list $root $name $name) | nindent 2 }}
spec:
  maxUnavailable: {{ $own.podDisruptionBudget.maxUnavailable }}
  # A pod that cannot get ready does not stand in the way of a node's drain.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "foresail.selector" . | nindent 6 }}
{{- end -}}
{{- end }}
