/*
 * Imported before ONNX Runtime. From 1.30 on its packages report usage to their maker, unless this variable says otherwise when the library is
 * loaded; it then leaves neither an identifier nor log files behind either. A worker's environment is a copy that native code does not see, so
 * the main thread imports this too before it starts one. Whoever wants to report sets ORT_DISABLE_TELEMETRY=0.
 */
process.env.ORT_DISABLE_TELEMETRY ??= '1'

export {}
