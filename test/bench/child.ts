/** `child.ts <work> <job as JSON>` measures in a process of its own and prints one line of JSON. */
const [work, job] = process.argv.slice(2)
const { measure } = await import(`./work/${work}.ts`)
process.stdout.write(`${JSON.stringify(await measure(JSON.parse(job)))}\n`)
process.exit()
