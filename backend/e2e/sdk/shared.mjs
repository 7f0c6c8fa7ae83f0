// What the scenarios of all SDKs share. They judge nothing: each prints, as
// JSON, what its SDK saw, and the Go test that started it judges. TARGET is the
// models to ask, as the Go test knows them; ROOT is the program's port.
export const target = JSON.parse(process.env.TARGET);
export const root = process.env.ROOT;
export const key = process.env.API_KEY;

export const question = "What is the weather in Berlin? get_weather";
export const weatherResult = '18 degrees, "clear"';
export const weather = {
  name: "get_weather",
  description: "The weather in a city",
  schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
export const place = {
  type: "object",
  properties: { city: { type: "string" }, celsius: { type: "integer" } },
  required: ["city", "celsius"],
  additionalProperties: false,
};

// pixel is the picture of TARGET as its media type and base64.
export function pixel() {
  const [, mime, data] = /^data:([^;]+);base64,(.*)$/.exec(target.pixel);
  return { mime, data };
}

// refusal is how the SDK classed an error; read takes what it needs of it.
export async function refusal(call, read = (error) => ({ status: error.status })) {
  try {
    await call();
    return { type: "none" };
  } catch (error) {
    return { type: error.constructor.name, message: error.message, status: 0, code: "", ...read(error) };
  }
}

// errors asks for each status, whole and streamed. 401 comes last: after it the
// account rests.
export async function errors(ask, read) {
  const found = {};
  for (const status of [404, 429, 500, 401]) {
    for (const stream of [false, true]) {
      found[status + (stream ? " streamed" : "")] = await refusal(() => ask(`${target.errors}${status}`, stream), read);
    }
  }
  return found;
}

// run runs the scenarios in their order and prints what they saw.
export async function run(scenarios) {
  const report = {};
  for (const [name, scenario] of Object.entries(scenarios)) {
    try {
      report[name] = await scenario();
    } catch (error) {
      report[name] = { failure: `${error.constructor.name}: ${error.message}` };
    }
  }
  console.log(JSON.stringify(report));
}
