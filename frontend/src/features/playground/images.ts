// Pictures that go along with a question.

const types = ["image/png", "image/jpeg", "image/webp", "image/gif"];
/** What services take for one picture; in the request it is a third larger. */
export const largestImageMB = 5;
/** How many one question may have. */
export const mostImages = 6;

/** What a person may pick. */
export const imageTypes = types.join(",");

export type ImageProblem = "type" | "size" | "count";

function dataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      resolve(reader.result as string);
    };
    reader.onerror = () => {
      reject(reader.error ?? new Error("unreadable"));
    };
    reader.readAsDataURL(file);
  });
}

/** Reads what may go along, and says what is wrong with the rest. */
export async function readImages(
  files: readonly File[],
  there: number,
): Promise<{ images: string[]; problem: ImageProblem | undefined }> {
  const images: string[] = [];
  let problem: ImageProblem | undefined;
  for (const file of files) {
    if (!types.includes(file.type)) problem ??= "type";
    else if (file.size > largestImageMB * 1024 * 1024) problem ??= "size";
    else if (there + images.length >= mostImages) problem ??= "count";
    else images.push(await dataUrl(file));
  }
  return { images, problem };
}
