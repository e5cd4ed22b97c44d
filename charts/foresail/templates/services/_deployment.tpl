{{/* Deployment of one HTTP service. Takes (list $ "auth"). */}}
{{- define "foresail.service.deployment" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $own := mergeOverwrite (deepCopy $root.Values.service) (index $root.Values $name) -}}
apiVersion: apps/v1
kind: Deployment
metadata: {{- include "foresail.metadata" (list $root $name $name) | nindent 2 }}
spec:
  {{- if not $own.autoscaling.enabled }}
  replicas: {{ $own.replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  # A new pod is ready before an old one goes: no request meets a gap.
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector:
    matchLabels: {{- include "foresail.selector" (list $root $name) | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "foresail.selector" (list $root $name) | nindent 8 }}
        {{- with $root.Values.podLabels }}{{ toYaml . | nindent 8 }}{{ end }}
      annotations:
        checksum/config: {{ include "foresail.configIni" $root | sha256sum }}
        {{- with include "foresail.storeUrl" $root }}
        checksum/store: {{ . | sha256sum }}
        {{- end }}
        {{- if eq $name "calculations" }}
        checksum/run: {{ include "foresail.run.manifest" $root | sha256sum }}
        {{- end }}
        {{- with $root.Values.podAnnotations }}{{ toYaml . | nindent 8 }}{{ end }}
    spec:
      serviceAccountName: {{ include "foresail.fullname" $root }}-{{ $name }}
      automountServiceAccountToken: {{ eq $name "calculations" }}
      # A Service of another release would otherwise be seen as a setting: FORESAIL_STORE_PORT and the like.
      enableServiceLinks: false
      terminationGracePeriodSeconds: 50
      {{- include "foresail.pullSecrets" $root | nindent 6 }}
      securityContext: {{- include "foresail.podSecurity" $root | nindent 8 }}
      {{- include "foresail.placement" (list $root $name $own) | nindent 6 }}
      containers:
        - name: {{ $name }}
          image: {{ include "foresail.image" (list $root $root.Values.image) }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          command: [uvicorn, services.{{ $name }}.app:app]
          args: {{- include "foresail.service.arguments" $root | nindent 12 }}
          securityContext: {{- include "foresail.containerSecurity" $root | nindent 12 }}
          env:
            {{- include "foresail.environment" $root | nindent 12 }}
            {{- if eq $name "auth" }}
            - name: FORESAIL_AUTH_FIRST_PASSWORD
              valueFrom: {secretKeyRef: {name: {{ include "foresail.firstPasswordSecret" $root | quote }}, key: {{ $root.Values.firstPassword.key | quote }}}}
            {{- end }}
            {{- with $own.env }}{{ toYaml . | nindent 12 }}{{ end }}
          ports:
            - {name: http, containerPort: 8080}
            - {name: metrics, containerPort: 9090}
          # Alive: it answers at all, store or not. Ready: its store answers and is set up to lose nothing.
          startupProbe: {httpGet: {path: /livez, port: http}, periodSeconds: 1, failureThreshold: 120, timeoutSeconds: 2}
          livenessProbe: {httpGet: {path: /livez, port: http}, periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 5}
          # A store that is away for less than half a minute is answered by 503 with Retry-After, which clients understand;
          # an ingress without any ready pod says something else.
          # The first look comes late: network policies take some seconds to know a new pod, and refuse the ingress until then.
          readinessProbe: {httpGet: {path: /readyz, port: http}, initialDelaySeconds: 10, periodSeconds: 5, failureThreshold: 6, timeoutSeconds: 3}
          # Time for every proxy to learn that this pod is going, before it stops to listen: a busy one takes its time.
          lifecycle: {preStop: {sleep: {seconds: 15}}}
          resources: {{- toYaml $own.resources | nindent 12 }}
          volumeMounts:
            - {name: config, mountPath: /etc/foresail, readOnly: true}
            - {name: tmp, mountPath: /tmp}
            {{- with include "foresail.storeAuthority.mount" $root | trim }}{{ . | nindent 12 }}{{ end }}
            {{- if eq $name "calculations" }}
            - {name: run, mountPath: /etc/foresail-run, readOnly: true}
            {{- end }}
      volumes:
        - {name: config, configMap: {name: {{ include "foresail.fullname" $root }}-config}}
        - {name: tmp, emptyDir: {sizeLimit: 256Mi}}
        {{- with include "foresail.storeAuthority.volume" $root | trim }}{{ . | nindent 8 }}{{ end }}
        {{- if eq $name "calculations" }}
        - {name: run, configMap: {name: {{ include "foresail.fullname" $root }}-run}}
        {{- end }}
{{- end }}

{{/* uvicorn's options, the same for every service. */}}
{{- define "foresail.service.arguments" -}}
- --host=0.0.0.0
- --port=8080
- --no-access-log
- --no-server-header
# Without it the limits of connections, heads and slow clients do not hold.
- --http=services.web.protocol:Guarded
# An ingress keeps idle connections for up to 90 s and must not find one closed.
- --timeout-keep-alive=120
- --timeout-graceful-shutdown=25
{{- with .Values.ingress.trustedProxies }}
- --proxy-headers
- {{ printf "--forwarded-allow-ips=%s" (join "," .) | quote }}
{{- else }}
- --no-proxy-headers
{{- end }}
{{- if .Values.development.enabled }}
- --reload
- --reload-dir=/app/services
{{- end }}
{{- end }}

{{/* Where a component's pods may and should run. Takes (list $ "component" values). */}}
{{- define "foresail.placement" -}}
{{- $root := index . 0 -}}
{{- $own := index . 2 -}}
topologySpreadConstraints:
  {{- range $key := $own.topologyKeys }}
  - maxSkew: 1
    topologyKey: {{ $key | quote }}
    whenUnsatisfiable: ScheduleAnyway
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels: {{- include "foresail.selector" (list $root (index $ 1)) | nindent 8 }}
  {{- end }}
{{- include "foresail.nodes" $own }}
{{- end }}

{{/* Node selector, tolerations, affinity and priority of a component, each where given. */}}
{{- define "foresail.nodes" -}}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- end }}
